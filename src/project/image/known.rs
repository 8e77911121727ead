//! What is known of published images: the account that they run as, the tools that they lack, and when their makers
//! stop to mend them.

use super::reference::ImageReference;
use crate::parse::dockerfile::is_windows_image;

/// Official images of Docker Hub, and some others, whose processes run as root unless an image built on them says
/// otherwise. Servers that give up root by themselves (postgres, redis, nginx …) are not among them.
const ROOT: &[&str] = &[
    "almalinux",
    "alpine",
    "amazonlinux",
    "archlinux",
    "buildpack-deps",
    "busybox",
    "centos",
    "debian",
    "fedora",
    "golang",
    "node",
    "openjdk",
    "opensuse",
    "oraclelinux",
    "perl",
    "php",
    "pypy",
    "python",
    "rockylinux",
    "ruby",
    "rust",
    "ubuntu",
    "ghcr.io/astral-sh/uv",
    "tiangolo/uvicorn-gunicorn",
    "tiangolo/uwsgi-nginx",
    "nikolaik/python-nodejs",
    "osgeo/gdal",
    "ghcr.io/osgeo/gdal",
    "phusion/baseimage",
    "continuumio/miniconda3",
    "condaforge/miniforge3",
    "andrejreznik/python-gdal",
    "thinkwhere/gdal-python",
];

/// The repository of an official image of Docker Hub by its short name: `python` for `docker.io/library/python`. Of all
/// others the name as it is written.
pub fn canonical(image: &ImageReference) -> &str {
    let name = image.repository.as_str();
    let prefixes =
        ["docker.io/library/", "index.docker.io/library/", "public.ecr.aws/docker/library/", "library/", "docker.io/"];
    prefixes.iter().find_map(|prefix| name.strip_prefix(prefix)).unwrap_or(name)
}

/// Whether a process of the image is surely root's unless an image built on it says otherwise.
pub fn runs_as_root(image: &ImageReference) -> bool {
    let windows = image.tag.as_deref().is_some_and(is_windows_image);
    ROOT.contains(&canonical(image)) && !windows && !image.tag.as_deref().is_some_and(|tag| tag.contains("nonroot"))
}

/// Whether an image is there to run Python.
pub fn python_runs(image: &str) -> bool {
    canonical(&ImageReference::parse(image)) == "python"
}

/// Whether it is an official image of Docker Hub that holds neither curl nor wget.
pub fn lacks_curl_and_wget(image: &ImageReference) -> bool {
    let tag = image.tag.as_deref().unwrap_or_default();
    match canonical(image) {
        // The full images stand on buildpack-deps, which has both. Alpine's has a wget.
        "python" | "node" | "ruby" | "pypy" => tag.contains("slim"),
        "debian" | "ubuntu" => true,
        _ => false,
    }
}

/// Whether it is an official image of Docker Hub that stands on Alpine, whose tools are BusyBox's: `wget`, no `curl`, no
/// `bash`.
pub fn is_alpine(image: &ImageReference) -> bool {
    match canonical(image) {
        "alpine" => true,
        "python" | "node" | "ruby" | "php" | "golang" => image.tag.as_deref().is_some_and(|tag| tag.contains("alpine")),
        _ => false,
    }
}

/// A series of a program or a system that gets no more fixes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EndOfLife {
    /// The program, as people call it: `Python`.
    pub product: &'static str,
    /// The series: `3.8`.
    pub series: String,
    /// When its fixes ended: a month.
    pub ended: &'static str,
    /// What is in its place: `3.13`.
    pub instead: &'static str,
}

/// When the series of a product ceased to get fixes, as known in November 2026, when this release was made: the dates
/// are from the makers' pages, compared with those of <https://endoflife.date>, and no clock is asked.
struct Lifetimes {
    product: &'static str,
    instead: &'static str,
    /// The parts of a version that name a series: two for `3.9`, one for `17`.
    parts: usize,
    /// Series and month, the newest first; whatever is older than the first is as dead.
    ended: &'static [(&'static [u32], &'static str)],
    /// Series newer than those that have ended as well: they are made to live for some months.
    short_lived: &'static [(&'static [u32], &'static str)],
}

/// <https://devguide.python.org/versions/>
const PYTHON: Lifetimes = Lifetimes {
    product: "Python",
    instead: "3.13",
    parts: 2,
    ended: &[
        (&[3, 10], "October 2026"),
        (&[3, 9], "October 2025"),
        (&[3, 8], "October 2024"),
        (&[3, 7], "June 2023"),
        (&[3, 6], "December 2021"),
        (&[3, 5], "September 2020"),
        (&[3, 4], "March 2019"),
        (&[3, 3], "September 2017"),
        (&[2, 7], "January 2020"),
    ],
    short_lived: &[],
};

/// <https://nodejs.org/en/about/previous-releases>
const NODE: Lifetimes = Lifetimes {
    product: "Node.js",
    instead: "24",
    parts: 1,
    ended: &[
        (&[20], "April 2026"),
        (&[19], "June 2023"),
        (&[18], "April 2025"),
        (&[17], "June 2022"),
        (&[16], "September 2023"),
        (&[15], "June 2021"),
        (&[14], "April 2023"),
        (&[13], "June 2020"),
        (&[12], "April 2022"),
        (&[11], "June 2019"),
        (&[10], "April 2021"),
        (&[9], "June 2018"),
        (&[8], "December 2019"),
        (&[7], "June 2017"),
        (&[6], "April 2019"),
    ],
    short_lived: &[(&[21], "June 2024"), (&[23], "June 2025"), (&[25], "June 2026")],
};

/// <https://www.debian.org/releases/> and <https://wiki.debian.org/LTS>: the end of long-term support.
const DEBIAN: Lifetimes = Lifetimes {
    product: "Debian",
    instead: "13 (trixie)",
    parts: 1,
    ended: &[
        (&[11], "August 2026"),
        (&[10], "June 2024"),
        (&[9], "June 2022"),
        (&[8], "June 2020"),
        (&[7], "May 2018"),
    ],
    short_lived: &[],
};

/// <https://ubuntu.com/about/release-cycle>: the end of standard support.
const UBUNTU: Lifetimes = Lifetimes {
    product: "Ubuntu",
    instead: "24.04",
    parts: 2,
    ended: &[
        (&[20, 10], "July 2021"),
        (&[20, 4], "May 2025"),
        (&[19, 10], "July 2020"),
        (&[19, 4], "January 2020"),
        (&[18, 10], "July 2019"),
        (&[18, 4], "May 2023"),
        (&[17, 10], "July 2018"),
        (&[17, 4], "January 2018"),
        (&[16, 10], "July 2017"),
        (&[16, 4], "April 2021"),
        (&[15, 10], "July 2016"),
        (&[15, 4], "February 2016"),
        (&[14, 10], "July 2015"),
        (&[14, 4], "April 2019"),
    ],
    short_lived: &[
        (&[21, 4], "January 2022"),
        (&[21, 10], "July 2022"),
        (&[22, 10], "July 2023"),
        (&[23, 4], "January 2024"),
        (&[23, 10], "July 2024"),
        (&[24, 10], "July 2025"),
        (&[25, 4], "January 2026"),
        (&[25, 10], "July 2026"),
    ],
};

/// <https://blog.centos.org/2020/12/future-is-centos-stream/>; its image on Docker Hub goes to 8.
const CENTOS: Lifetimes = Lifetimes {
    product: "CentOS",
    instead: "Stream 10",
    parts: 1,
    ended: &[(&[8], "December 2021"), (&[7], "June 2024"), (&[6], "November 2020")],
    short_lived: &[],
};

/// <https://alpinelinux.org/releases/>
const ALPINE: Lifetimes = Lifetimes {
    product: "Alpine",
    instead: "3.23",
    parts: 2,
    ended: &[
        (&[3, 21], "November 2026"),
        (&[3, 20], "April 2026"),
        (&[3, 19], "November 2025"),
        (&[3, 18], "May 2025"),
        (&[3, 17], "November 2024"),
        (&[3, 16], "May 2024"),
        (&[3, 15], "November 2023"),
        (&[3, 14], "May 2023"),
        (&[3, 13], "November 2022"),
        (&[3, 12], "May 2022"),
        (&[3, 11], "November 2021"),
        (&[3, 10], "May 2021"),
        (&[3, 9], "November 2020"),
    ],
    short_lived: &[],
};

/// <https://www.postgresql.org/support/versioning/>
const POSTGRES: Lifetimes = Lifetimes {
    product: "PostgreSQL",
    instead: "17",
    parts: 1,
    ended: &[
        (&[14], "November 2026"),
        (&[13], "November 2025"),
        (&[12], "November 2024"),
        (&[11], "November 2023"),
        (&[10], "November 2022"),
        (&[9], "November 2021"),
    ],
    short_lived: &[],
};

/// <https://www.mysql.com/support/eol-notice.html>
const MYSQL: Lifetimes = Lifetimes {
    product: "MySQL",
    instead: "8.4",
    parts: 2,
    ended: &[
        (&[8, 0], "April 2026"),
        (&[5, 7], "October 2023"),
        (&[5, 6], "February 2021"),
        (&[5, 5], "December 2018"),
    ],
    short_lived: &[
        (&[8, 1], "October 2023"),
        (&[8, 2], "December 2023"),
        (&[8, 3], "April 2024"),
        (&[9, 0], "October 2024"),
        (&[9, 1], "January 2025"),
        (&[9, 2], "April 2025"),
        (&[9, 3], "July 2025"),
        (&[9, 4], "October 2025"),
        (&[9, 5], "January 2026"),
        (&[9, 6], "April 2026"),
    ],
};

/// <https://mariadb.org/about/#maintenance-policy>
const MARIADB: Lifetimes = Lifetimes {
    product: "MariaDB",
    instead: "11.8",
    parts: 2,
    ended: &[
        (&[10, 6], "July 2026"),
        (&[10, 5], "June 2025"),
        (&[10, 4], "June 2024"),
        (&[10, 3], "May 2023"),
        (&[10, 2], "May 2022"),
        (&[10, 1], "October 2020"),
    ],
    short_lived: &[
        (&[10, 7], "February 2023"),
        (&[10, 8], "May 2023"),
        (&[10, 9], "August 2023"),
        (&[10, 10], "November 2023"),
        (&[11, 0], "June 2024"),
        (&[11, 1], "August 2024"),
        (&[11, 2], "November 2024"),
        (&[11, 3], "May 2024"),
        (&[11, 5], "November 2024"),
        (&[11, 6], "February 2025"),
        (&[11, 7], "May 2025"),
        (&[12, 0], "November 2025"),
        (&[12, 1], "February 2026"),
        (&[12, 2], "May 2026"),
    ],
};

impl Lifetimes {
    /// Whether `version` (`3.8.10-slim`) is of a series that has ended.
    fn ended(&self, version: &str) -> Option<EndOfLife> {
        let number = version.split(|c: char| !(c.is_ascii_digit() || c == '.')).next().unwrap_or_default();
        let mut parts: Vec<u32> = Vec::new();
        for part in number.split('.').take(self.parts) {
            parts.push(part.parse().ok()?);
        }
        let newest = self.ended.first()?.0;
        // `python:3` is the newest of its kind, `python:2` is not.
        if parts.len() < self.parts && parts.as_slice() >= &newest[..parts.len()] {
            return None;
        }
        let known = if parts.as_slice() > newest {
            Some(self.short_lived.iter().find(|(series, _)| *series == parts.as_slice())?)
        } else {
            self.ended.iter().find(|(series, _)| *series <= parts.as_slice() || series.starts_with(&parts))
        };
        let ended = known.or(self.ended.last()).map(|(_, month)| *month)?;
        let series = parts.iter().map(u32::to_string).collect::<Vec<_>>().join(".");
        let series = if self.product == "Ubuntu" { series.replace(".4", ".04") } else { series };
        Some(EndOfLife { product: self.product, series, ended, instead: self.instead })
    }
}

/// The Debian releases that have ended, by name.
const DEBIAN_NAMES: [(&str, &str); 6] =
    [("bullseye", "11"), ("buster", "10"), ("stretch", "9"), ("jessie", "8"), ("wheezy", "7"), ("squeeze", "7")];
/// The same of Ubuntu.
const UBUNTU_NAMES: [(&str, &str); 11] = [
    ("questing", "25.10"),
    ("plucky", "25.04"),
    ("oracular", "24.10"),
    ("mantic", "23.10"),
    ("lunar", "23.04"),
    ("kinetic", "22.10"),
    ("impish", "21.10"),
    ("focal", "20.04"),
    ("bionic", "18.04"),
    ("xenial", "16.04"),
    ("trusty", "14.04"),
];

/// Whether the image's Python gets no more fixes.
pub fn python_end_of_life(image: &ImageReference) -> Option<EndOfLife> {
    let tag = image.tag.as_deref()?;
    match canonical(image) {
        "python" => PYTHON.ended(tag),
        // `ghcr.io/astral-sh/uv:python3.8-bookworm`, `tiangolo/uvicorn-gunicorn:python3.7`
        name if ROOT.contains(&name) => PYTHON.ended(tag.split_once("python")?.1),
        _ => None,
    }
}

/// Whether the system or the program that the image stands on, other than Python, gets no more fixes.
pub fn base_end_of_life(image: &ImageReference) -> Option<EndOfLife> {
    let tag = image.tag.as_deref()?;
    let name = canonical(image);
    let by_name = |names: &[(&str, &str)], lifetimes: &Lifetimes| {
        let (_, version) = names.iter().find(|(name, _)| tag.split('-').any(|part| part == *name))?;
        lifetimes.ended(version)
    };
    let on_alpine = || ALPINE.ended(tag.split_once("alpine")?.1);
    match name {
        "debian" => DEBIAN.ended(tag).or_else(|| by_name(&DEBIAN_NAMES, &DEBIAN)),
        "ubuntu" => UBUNTU.ended(tag).or_else(|| by_name(&UBUNTU_NAMES, &UBUNTU)),
        "alpine" => ALPINE.ended(tag),
        "centos" => CENTOS.ended(tag.strip_prefix("centos").unwrap_or(tag)),
        "node" => NODE.ended(tag).or_else(|| by_name(&DEBIAN_NAMES, &DEBIAN)).or_else(on_alpine),
        "python" | "ruby" | "php" | "golang" | "nginx" => by_name(&DEBIAN_NAMES, &DEBIAN).or_else(on_alpine),
        _ => None,
    }
}

/// Whether the image's database server gets no more fixes.
pub fn database_end_of_life(image: &ImageReference) -> Option<EndOfLife> {
    let tag = image.tag.as_deref()?;
    match canonical(image) {
        "postgres" | "postgis/postgis" => POSTGRES.ended(tag),
        "pgvector/pgvector" => POSTGRES.ended(tag.split_once("pg")?.1),
        "mysql" => MYSQL.ended(tag),
        "mariadb" => MARIADB.ended(tag),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn image(text: &str) -> ImageReference {
        ImageReference::parse(text)
    }

    #[test]
    fn series_that_ended_are_told_from_those_that_live() {
        let ended = |text: &str| python_end_of_life(&image(text)).map(|end| end.series);
        assert_eq!(ended("python:3.8-slim").as_deref(), Some("3.8"));
        assert_eq!(ended("docker.io/library/python:3.9.2").as_deref(), Some("3.9"));
        assert_eq!(ended("python:2.7").as_deref(), Some("2.7"));
        assert_eq!(ended("python:2").as_deref(), Some("2"));
        assert_eq!(ended("ghcr.io/astral-sh/uv:python3.8-bookworm").as_deref(), Some("3.8"));
        for text in ["python:3", "python:3-slim", "python:3.11", "python:3.13.1-slim", "python:slim", "python:latest"] {
            assert_eq!(ended(text), None, "{text}");
        }
        let base = |text: &str| base_end_of_life(&image(text)).map(|end| format!("{} {}", end.product, end.series));
        assert_eq!(base("debian:buster-slim").as_deref(), Some("Debian 10"));
        assert_eq!(base("python:3.11-slim-buster").as_deref(), Some("Debian 10"));
        assert_eq!(base("python:3.11-alpine3.15").as_deref(), Some("Alpine 3.15"));
        assert_eq!(base("ubuntu:18.04").as_deref(), Some("Ubuntu 18.04"));
        assert_eq!(base("node:16-alpine").as_deref(), Some("Node.js 16"));
        assert_eq!(base("node:20-bookworm").as_deref(), Some("Node.js 20"));
        assert_eq!(base("node:23").as_deref(), Some("Node.js 23"));
        assert_eq!(base("node:22-alpine3.19").as_deref(), Some("Alpine 3.19"));
        assert_eq!(base("python:3.12-slim-bullseye").as_deref(), Some("Debian 11"));
        assert_eq!(base("ubuntu:24.10").as_deref(), Some("Ubuntu 24.10"));
        assert_eq!(base("centos:7").as_deref(), Some("CentOS 7"));
        for text in [
            "debian:12",
            "ubuntu:24.04",
            "ubuntu:22.04",
            "ubuntu:26.04",
            "node:22",
            "node:24-alpine",
            "alpine:3.22",
            "alpine:3",
            "node:22-bookworm",
        ] {
            assert_eq!(base(text), None, "{text}");
        }
        let database = |text: &str| database_end_of_life(&image(text)).is_some();
        assert!(database("postgres:12-alpine") && database("postgres:9.6") && database("mysql:5.7"));
        assert!(
            database("postgres:14") && database("mysql:8.0.36") && database("mysql:9.1") && database("mariadb:10.6")
        );
        assert!(database("mariadb:11.2"));
        // The newest 5 is as dead as 5.7.
        assert_eq!(database_end_of_life(&image("mysql:5")).map(|end| end.ended), Some("October 2023"));
        let month = |text: &str| base_end_of_life(&image(text)).map(|end| end.ended);
        assert_eq!((month("node:11"), month("ubuntu:19.10")), (Some("June 2019"), Some("July 2020")));
        assert!(
            !database("postgres:17.2")
                && !database("postgres:15")
                && !database("mysql:8.4")
                && !database("mysql:8")
                && !database("mariadb:10.11")
                && !database("postgres:alpine")
        );
    }
}
