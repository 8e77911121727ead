use super::Text;
use super::reader::Reader;
use crate::parse::yaml::{NodeId, Style};
use crate::source::Span;

/// One entry of `ports`.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Port {
    /// The whole entry.
    pub span: Span,
    /// The short form as written: `127.0.0.1:8000:80/tcp`.
    pub short: Option<Text>,
    /// Whether the short form is in quotes; YAML 1.1 reads an unquoted `22:22` as a number to base 60.
    pub quoted: bool,
    /// What the entry says, of either form.
    pub parts: PortParts,
    /// `mode`: `host` or `ingress`.
    pub mode: Option<Text>,
    /// `name`.
    pub name: Option<Text>,
}

/// The parts of a published port. Ports may be ranges (`3000-3005`).
#[derive(Clone, Debug, Default, PartialEq)]
pub struct PortParts {
    /// The address of the host that is listened on; every address where there is none.
    pub host_ip: Option<Text>,
    /// The port on the host; any free one where there is none.
    pub published: Option<Text>,
    /// The port in the container.
    pub target: Option<Text>,
    /// `tcp` where there is none.
    pub protocol: Option<Text>,
}

impl Reader<'_> {
    pub(super) fn port(&mut self, node: NodeId) -> Option<Port> {
        let span = self.yaml.span(node);
        if !self.yaml.is_mapping(node) {
            let short = self.text(node, "ports")?;
            if short.text().is_empty() {
                self.wrong(node, "ports", "a port or a mapping");
                return None;
            }
            let quoted = self.yaml.style(node) != Some(Style::Plain);
            let parts = split_port(&short);
            return Some(Port { span, short: Some(short), quoted, parts, ..Port::default() });
        }
        let mut port = Port { span, ..Port::default() };
        for entry in self.entries(node, "ports") {
            let field = match entry.name.as_str() {
                "host_ip" => &mut port.parts.host_ip,
                "published" => &mut port.parts.published,
                "target" => &mut port.parts.target,
                "protocol" => &mut port.parts.protocol,
                "mode" => &mut port.mode,
                "name" => &mut port.name,
                _ => continue,
            };
            *field = self.text(entry.value, &entry.name);
        }
        Some(port)
    }
}

/// Takes the short form apart: `[[ip:][published]:]target[/protocol]`, an IPv6 address in brackets or not. Colons and
/// slashes inside `${…}` do not count.
pub fn split_port(short: &Text) -> PortParts {
    let text = short.text();
    let masked = mask_variables(text);
    let part = |start: usize, end: usize| (start < end).then(|| short.slice(Span::new(start, end)));
    let (ports_end, protocol) = match masked.rfind('/') {
        Some(slash) => (slash, part(slash + 1, text.len())),
        None => (text.len(), None),
    };
    let Some(last) = masked[..ports_end].rfind(':') else {
        return PortParts { target: part(0, ports_end), protocol, ..PortParts::default() };
    };
    let target = part(last + 1, ports_end);
    let (host_ip, published) = match masked[..last].rfind(':') {
        // `[::1]:80` and `::1` without a port end here too: a bracket closes the address.
        Some(colon) if !masked[colon..last].contains(']') => (trim_brackets(short, 0, colon), part(colon + 1, last)),
        Some(_) => (trim_brackets(short, 0, last), None),
        None if masked[..last].contains('.') && !masked[..last].contains('\u{1}') => (part(0, last), None),
        None => (None, part(0, last)),
    };
    PortParts { host_ip, published, target, protocol }
}

fn trim_brackets(short: &Text, start: usize, end: usize) -> Option<Text> {
    let text = &short.text()[start..end];
    let inner = text.strip_prefix('[').and_then(|rest| rest.strip_suffix(']'));
    let cut = usize::from(inner.is_some());
    (start < end).then(|| short.slice(Span::new(start + cut, end - cut)))
}

/// `text` with the same length in bytes, but `\u{1}` in place of everything inside `${…}`.
pub(super) fn mask_variables(text: &str) -> String {
    let mut masked = String::with_capacity(text.len());
    let (mut depth, mut before) = (0_usize, ' ');
    for c in text.chars() {
        if c == '{' && before == '$' {
            depth += 1;
        }
        let hidden = depth > 0;
        if c == '}' && depth > 0 {
            depth -= 1;
        }
        if hidden {
            masked.extend(std::iter::repeat_n('\u{1}', c.len_utf8()));
        } else {
            masked.push(c);
        }
        before = c;
    }
    masked
}
