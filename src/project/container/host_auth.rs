//! Whom PostgreSQL lets in by a `pg_hba.conf` of the repository.

use crate::project::deployment::Service;
use crate::project::role::Role;
use crate::source::{Place, Span};
use crate::tree::Snapshot;

/// Where the official image keeps its data, and with them the `pg_hba.conf` that it reads unless it is told another.
const DATA: &str = "/var/lib/postgresql/";

impl Service {
    /// The first line of its `pg_hba.conf` by which somebody from another machine needs no password, where the repository has
    /// the file and the server reads it.
    pub fn trusting_line(&self, snapshot: &Snapshot) -> Option<Place> {
        let merged = self.compose.as_ref().filter(|_| self.role == Role::Database)?;
        let named = |target: &str| {
            let commands = self.process.runs.iter().flat_map(|run| &run.invocation.words);
            commands.into_iter().any(|word| word.text().contains("hba_file") && word.text().contains(target))
        };
        merged.volumes.iter().find_map(|mount| {
            let target = mount.value.target.as_ref()?.likely()?;
            let read = (target.starts_with(DATA) && target.ends_with("/pg_hba.conf")) || named(target);
            let file = mount.value.inside().filter(|file| read && snapshot.shares(file))?;
            let source = snapshot.source(file).ok()?;
            Some(Place::new(file.clone(), trusting(&source.text)?))
        })
    }
}

/// The first line that trusts more than this machine or one other.
fn trusting(text: &str) -> Option<Span> {
    let mut start = 0;
    for line in text.split_inclusive('\n') {
        let rule = line.split('#').next().unwrap_or_default();
        if trusts_others(rule) {
            let from = start + (rule.len() - rule.trim_start().len());
            return Some(Span::new(from, from + rule.trim().len()));
        }
        start += line.len();
    }
    None
}

/// Whether a line such as `host all all 0.0.0.0/0 trust` lets others in without a password.
fn trusts_others(rule: &str) -> bool {
    let fields: Vec<&str> = rule.split_whitespace().collect();
    let [kind, _, _, address, rest @ ..] = fields.as_slice() else { return false };
    if !matches!(*kind, "host" | "hostssl" | "hostnossl" | "hostgssenc" | "hostnogssenc") {
        return false;
    }
    // An address without a length is followed by its mask.
    let is_mask = |field: &str| field.contains('.') && field.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
    let (mask, method) = match rest {
        [mask, method, ..] if is_mask(mask) => (Some(*mask), *method),
        [method, ..] => (None, *method),
        [] => return false,
    };
    let own = address.starts_with("127.") || address.starts_with("::1") || matches!(*address, "localhost" | "samehost");
    let one = address.ends_with("/32") || address.ends_with("/128") || mask == Some("255.255.255.255");
    let name = !address.contains('/') && mask.is_none() && !matches!(*address, "all" | "samenet");
    method == "trust" && !own && !one && !name
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_lines_for_other_machines_count() {
        let text = "# host all all all trust\nlocal all all trust\nhost all all 127.0.0.1/32 trust\n\thost all all ::1/128 trust\n";
        assert_eq!(trusting(text), None);
        let all = format!("{text} host all all all trust # docker\n");
        assert_eq!(trusting(&all).map(|span| &all[span.range()]), Some("host all all all trust"));
        assert!(trusts_others("hostssl school school 172.16.0.0 255.240.0.0 trust"));
        assert!(trusts_others("host replication all 0.0.0.0/0 trust"));
        assert!(!trusts_others("host all all 10.0.0.9/32 trust") && !trusts_others("host all all db2.internal trust"));
        assert!(!trusts_others("host all all all scram-sha-256") && !trusts_others("host all"));
    }
}
