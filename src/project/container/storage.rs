//! Where database servers keep their data, and what is mounted there.

use crate::project::compose::{Mount, MountSource, Placed};
use crate::project::deployment::{Deployment, Service};
use crate::project::image::known::canonical;
use crate::project::image::reference::ImageReference;
use crate::source::Place;

/// The places of the data of an image that is known.
struct Folders {
    /// Where the data are.
    data: String,
    /// Where the image makes an anonymous volume, unless something is mounted at just this place.
    volume: &'static str,
    /// A place that older or newer versions of the image use, and this one does not.
    wrong: Option<&'static str>,
}

/// How a database's data are kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Storage {
    /// In a named volume or a folder of the host.
    Kept,
    /// In the container, in an anonymous volume, or in memory; where that is said, if it is.
    Lost(Option<Place>),
    /// A volume is mounted where this version of the image keeps nothing: the mount, and the place where it belongs.
    Misplaced(Place, String),
    /// It cannot be told.
    Unknown,
}

const POSTGRES_OLD: &str = "/var/lib/postgresql/data";
const POSTGRES_NEW: &str = "/var/lib/postgresql";

/// The places of a server's data by its image; `None` where they are not known.
fn folders(image: &ImageReference) -> Option<Folders> {
    let simple = |volume: &'static str| Some(Folders { data: volume.to_owned(), volume, wrong: None });
    match canonical(image) {
        "postgres" | "postgis/postgis" | "pgvector/pgvector" => {
            let tag = image.tag.as_deref()?;
            let version = tag.rsplit_once("pg").map_or(tag, |(_, version)| version);
            let major: String = version.chars().take_while(char::is_ascii_digit).collect();
            // https://github.com/docker-library/postgres/pull/1259
            match major.parse::<u32>().ok()? {
                ..=17 => {
                    Some(Folders { data: POSTGRES_OLD.to_owned(), volume: POSTGRES_OLD, wrong: Some(POSTGRES_NEW) })
                }
                major => Some(Folders {
                    data: format!("{POSTGRES_NEW}/{major}/docker"),
                    volume: POSTGRES_NEW,
                    wrong: Some(POSTGRES_OLD),
                }),
            }
        }
        "mysql" | "mariadb" => simple("/var/lib/mysql"),
        "mongo" => simple("/data/db"),
        _ => None,
    }
}

impl Service {
    /// How the data of a database server are kept, where its image is known.
    pub fn storage(&self, deployment: Option<&Deployment>) -> Storage {
        let Some(merged) = self.compose.as_ref().filter(|merged| merged.maybe_more.is_none()) else {
            return Storage::Unknown;
        };
        let image = self.image.as_ref().filter(|_| merged.build.is_none() && merged.volumes_from.is_empty());
        let Some(mut places) = image.and_then(|image| folders(&image.reference)) else { return Storage::Unknown };
        let mut volume = Some(places.volume);
        if let Some(own) = self.variables.set.get("PGDATA") {
            let Some(folder) = own.value.likely() else { return Storage::Unknown };
            places.data.clone_from(folder);
            places.wrong = None;
            volume = volume.filter(|volume| is_at_or_below(folder, volume));
        } else if self.variables.open.is_some() && self.variables.set.is_empty() {
            // An env file that is not here may move the data.
            places.wrong = None;
        }
        let mut lost = None;
        for mount in &merged.volumes {
            let Some(target) = mount.value.target.as_ref().and_then(|target| target.likely()) else {
                return Storage::Unknown;
            };
            // The image's own volume lies over what is mounted above it.
            let holds =
                is_at_or_below(&places.data, target) && volume.is_none_or(|volume| is_at_or_below(target, volume));
            if holds && is_kept(mount) && !deployment.is_some_and(|it| it.is_in_memory(mount)) {
                return Storage::Kept;
            }
            if holds {
                lost = Some(mount.place.clone());
            }
        }
        let wrong = |mount: &&Placed<Mount>| {
            let target = mount.value.target.as_ref().and_then(|target| target.likely());
            places.wrong.is_some_and(|wrong| target.map(|target| target.trim_end_matches('/')) == Some(wrong))
        };
        match merged.volumes.iter().filter(wrong).find(|mount| is_kept(mount)) {
            Some(mount) => Storage::Misplaced(mount.place.clone(), places.volume.to_owned()),
            None => Storage::Lost(lost),
        }
    }
}

impl Service {
    /// How many servers of a database would work on the same data, where that is more than one: replicas that share what is
    /// mounted. A volume that is named for each replica (`{{.Task.Slot}}`) is not shared.
    pub fn servers_on_same_data(&self, deployment: Option<&Deployment>) -> Option<u32> {
        let count = self.replicas().filter(|count| *count > 1)?;
        let merged = self.compose.as_ref()?;
        let stack = deployment.and_then(|deployment| deployment.stack.as_ref());
        let own = |mount: &Placed<Mount>| {
            let Some(MountSource::Named(name)) = mount.value.source.likely() else { return false };
            let real = stack.and_then(|stack| stack.volumes.get(name)?.real_name.as_ref()?.value.likely());
            name.contains("{{") || real.is_some_and(|real| real.contains("{{"))
        };
        let shared = self.storage(deployment) == Storage::Kept && !merged.volumes.iter().any(own);
        shared.then_some(count)
    }
}

impl Deployment {
    /// Whether a named volume is a file system in memory, by its `driver_opts`.
    fn is_in_memory(&self, mount: &Placed<Mount>) -> bool {
        let Some(MountSource::Named(name)) = mount.value.source.likely() else { return false };
        let volume = self.stack.as_ref().and_then(|stack| stack.volumes.get(name));
        volume.into_iter().flat_map(|volume| &volume.driver_opts).any(|option| {
            option.value.name == "type" && option.value.value.as_ref().and_then(|kind| kind.likely()) == Some("tmpfs")
        })
    }
}

fn is_kept(mount: &Placed<Mount>) -> bool {
    !matches!(mount.value.source.likely(), Some(MountSource::Anonymous | MountSource::Tmpfs))
}

fn is_at_or_below(path: &str, folder: &str) -> bool {
    let rest = path.trim_end_matches('/').strip_prefix(folder.trim_end_matches('/'));
    rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}
