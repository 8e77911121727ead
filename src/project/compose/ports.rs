use super::context::Context;
use super::{Interpolated, Placed};
use crate::parse::compose::{self as file, PortParts, split_port};

/// So many ranges of one service are told apart from what stands beside them.
const MAX_RANGES: usize = 64;

/// A port of a container that the host listens on.
#[derive(Clone, Debug, PartialEq)]
pub struct Port {
    /// The address of the host; every address where there is none.
    pub host_ip: Option<Interpolated>,
    /// The port of the host, or a range; any free one where there is none.
    pub published: Option<Interpolated>,
    /// The port of the container, or a range.
    pub target: Option<Interpolated>,
    /// `tcp` where there is none.
    pub protocol: Option<Interpolated>,
    /// `host` or `ingress`.
    pub mode: Option<Interpolated>,
    /// Whether the short form is used without quotes; YAML 1.1 reads `22:22` as a number to base 60.
    pub unquoted: bool,
}

/// Who can reach a published port.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Listens {
    /// Whoever reaches any address of the host.
    Everywhere,
    /// The host only.
    Loopback,
    /// Whoever reaches this address.
    Address(String),
    /// It cannot be told.
    Unknown,
}

impl Port {
    /// On which addresses of the host the port is open.
    pub fn listens(&self) -> Listens {
        let Some(ip) = &self.host_ip else { return Listens::Everywhere };
        match ip.likely() {
            None => Listens::Unknown,
            Some("" | "0.0.0.0" | "::" | "[::]") => Listens::Everywhere,
            Some("localhost" | "::1" | "[::1]") => Listens::Loopback,
            Some(ip) if ip.starts_with("127.") => Listens::Loopback,
            Some(ip) => Listens::Address(ip.to_owned()),
        }
    }

    /// The container's ports from the first to the last, where they are known.
    pub fn target_range(&self) -> Option<(u16, u16)> {
        range(self.target.as_ref()?.likely()?)
    }

    /// The host's ports from the first to the last, where they are known.
    pub fn published_range(&self) -> Option<(u16, u16)> {
        range(self.published.as_ref()?.likely()?)
    }

    /// Whether both want a port of the host that only one can have, as far as is known.
    pub fn collides(&self, other: &Port) -> bool {
        let protocol =
            |port: &Port| port.protocol.as_ref().map_or("tcp".to_owned(), |it| it.text.text().to_ascii_lowercase());
        let (Some(a), Some(b)) = (self.published_range(), other.published_range()) else { return false };
        // The host takes any free one of a range for a single port of the container.
        let one =
            |port: &Port, range: (u16, u16)| port.target_range().is_some_and(|to| to.1 - to.0 == range.1 - range.0);
        let ip = |port: &Port| port.host_ip.as_ref().and_then(|ip| ip.likely().map(str::to_owned));
        let addresses = match (ip(self), ip(other)) {
            // An address of version 4 and one of version 6 never meet.
            (Some(a), Some(b)) if a.contains(':') != b.contains(':') => false,
            (a, b) => match (self.listens(), other.listens()) {
                (Listens::Unknown, _) | (_, Listens::Unknown) => false,
                (Listens::Everywhere, _) | (_, Listens::Everywhere) => true,
                _ => a == b,
            },
        };
        addresses && protocol(self) == protocol(other) && one(self, a) && one(other, b) && a.0 <= b.1 && b.0 <= a.1
    }

    /// Whether it is a range that says all of `other` as well: the same ports of the container at the same ports of the
    /// host.
    fn holds(&self, other: &Port) -> bool {
        let ranges = |port: &Port| Some((port.target_range()?, port.published_range()?));
        let (Some((to, from)), Some((other_to, other_from))) = (ranges(self), ranges(other)) else { return false };
        let length = |range: (u16, u16)| i32::from(range.1) - i32::from(range.0);
        let offset = |to: (u16, u16), from: (u16, u16)| i32::from(to.0) - i32::from(from.0);
        length(to) == length(from)
            && length(other_to) == length(other_from)
            && length(to) > length(other_to)
            && offset(to, from) == offset(other_to, other_from)
            && (to.0 <= other_to.0 && other_to.1 <= to.1)
            && self.around() == other.around()
    }

    /// Address and protocol.
    fn around(&self) -> (String, String) {
        let part = |part: &Option<Interpolated>, without: &str| {
            part.as_ref().map_or_else(|| without.to_owned(), |part| part.text.text().to_ascii_lowercase())
        };
        (part(&self.host_ip, "0.0.0.0"), part(&self.protocol, "tcp"))
    }

    /// What makes an entry of `ports` unique.
    fn key(&self) -> String {
        let part = |part: &Option<Interpolated>| {
            part.as_ref().map_or_else(String::new, |part| part.text.text().to_ascii_lowercase())
        };
        let (ip, protocol) = self.around();
        format!("{ip}|{}|{}|{protocol}", part(&self.published), part(&self.target))
    }
}

/// Takes out the entries that a range holds already: Compose splits ranges before it looks for what stands twice.
fn fold_ranges(list: &mut Vec<Placed<Port>>) {
    let wide = |port: &Port| port.target_range().filter(|range| range.1 > range.0).is_some();
    let ranges: Vec<Port> =
        list.iter().map(|port| &port.value).filter(|port| wide(port)).take(MAX_RANGES).cloned().collect();
    if !ranges.is_empty() {
        list.retain(|port| !ranges.iter().any(|range| range.holds(&port.value)));
    }
}

fn range(text: &str) -> Option<(u16, u16)> {
    let (first, last) = text.split_once('-').unwrap_or((text, text));
    Some((first.parse().ok()?, last.parse().ok()?))
}

impl Context {
    pub fn extend_ports(&self, list: &mut Vec<Placed<Port>>, field: &file::Setting<Vec<file::Port>>) {
        self.extend(list, field, |port| Some(port.key()), |port| (self.port(port), port.span));
        fold_ranges(list);
    }

    fn port(&self, port: &file::Port) -> Port {
        let mode = port.mode.as_ref().map(|mode| self.text(mode));
        let unquoted = port.short.is_some() && !port.quoted;
        let filled = self.port_parts(&port.parts, |part| self.text(part));
        // A variable may hold more than one part: `${WEB_PORT}` with `127.0.0.1:8000:80` in it.
        let several = |part: &Option<Interpolated>| {
            part.as_ref().and_then(Interpolated::likely).is_some_and(|text| text.contains([':', '/']))
        };
        let [host_ip, published, target, protocol] = match &port.short {
            Some(short) if several(&filled[1]) || several(&filled[2]) => {
                let whole = self.text(short);
                self.port_parts(&split_port(&whole.text), |part| whole.part(part.clone()))
            }
            _ => filled,
        };
        Port { host_ip, published, target, protocol, mode, unquoted }
    }

    fn port_parts(&self, parts: &PortParts, fill: impl Fn(&file::Text) -> Interpolated) -> [Option<Interpolated>; 4] {
        [&parts.host_ip, &parts.published, &parts.target, &parts.protocol].map(|part| part.as_ref().map(&fill))
    }
}
