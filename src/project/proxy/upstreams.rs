use super::Endpoint;
use crate::source::Place;

/// The server at an address without its scheme and path: `web:8000`, `unix:/run/web.sock`.
pub fn endpoint(address: &str, place: Place, default_port: Option<u16>) -> Endpoint {
    if address.starts_with("unix:") {
        return Endpoint { place, host: None, port: None };
    }
    let (host, port) = match address.rsplit_once(':') {
        Some((host, port)) if !host.ends_with(':') && !port.contains(']') => (host, port.parse().ok()),
        _ => (address, default_port),
    };
    let known = !host.is_empty() && !host.contains(['$', '{', '<']);
    Endpoint { place, host: known.then(|| host.to_owned()), port }
}
