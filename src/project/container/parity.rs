//! The same server in several environments.

use crate::project::deployment::{Deployment, NamedImage, Service};
use crate::project::image::known::canonical;
use crate::project::model::Model;
use crate::project::role::Role;

/// A database or broker that runs in another major version elsewhere.
#[derive(Clone, Copy, Debug)]
pub struct Differs<'m> {
    /// The image here.
    pub here: &'m NamedImage,
    /// The image there.
    pub there: &'m NamedImage,
    /// The deployment there.
    pub elsewhere: &'m Deployment,
}

impl Model {
    /// Where a database of `deployment` has another major version than the same service of another environment that runs
    /// the same project. Deployments whose environment is only assumed do not count.
    pub fn databases_that_differ<'m>(&'m self, deployment: &'m Deployment) -> Vec<Differs<'m>> {
        let mut found: Vec<Differs<'m>> = Vec::new();
        let others = self.deployments.iter().filter(|other| {
            other.environment != deployment.environment
                && !other.is_assumed()
                && !deployment.is_assumed()
                && other.services.iter().any(|a| deployment.services.iter().any(|b| a.shares_code_with(b)))
        });
        for elsewhere in others {
            for service in deployment.services_by_place() {
                let Some((here, (product, major))) = version(service) else { continue };
                let same = elsewhere.service(&service.name).and_then(version);
                let Some((there, (other_product, other_major))) = same else { continue };
                let told = found.iter().any(|known| known.here.place == here.place);
                if product == other_product && major != other_major && !told {
                    found.push(Differs { here, there, elsewhere });
                }
            }
        }
        found
    }
}

/// The image of a database or cache, its product and its major version.
fn version(service: &Service) -> Option<(&NamedImage, (&str, u32))> {
    let image =
        service.image.as_ref().filter(|_| matches!(service.role, Role::Database | Role::Broker | Role::Cache))?;
    let known = service.compose.as_ref()?.image.as_ref()?.value.known().is_some();
    let digits: String = image.reference.tag.as_deref()?.chars().take_while(char::is_ascii_digit).collect();
    Some((image, (canonical(&image.reference), digits.parse().ok().filter(|_| known)?)))
}
