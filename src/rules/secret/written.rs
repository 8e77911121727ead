use crate::findings::{Finding, Findings, Severity};
use crate::project::secrecy::leaks::Leak;
use crate::rules::Cx;
use crate::secrets::{Assurance, Kind};
use crate::tree::PathRole;

/// Every rule whose page has a table `[token]`.
pub fn token(leak: &Leak, _: &Cx<'_>, findings: &mut Findings<'_>) {
    let Kind::Token(token) = &leak.kind else { return };
    let doubt = match leak.assurance {
        Assurance::Refuted => "; its checksum is wrong, so that it may be made up",
        Assurance::Plausible | Assurance::Confirmed => "",
    };
    let message = format!("{} stands in `{}` ({}){doubt}", token.name, leak.place.path, leak.shown);
    let finding = findings.report(leak.place.clone(), message);
    finding.help(token.revoke);
    rate(finding, leak);
    identify(finding, leak);
}

/// `secret/private-key`
pub fn private_key(leak: &Leak, _: &Cx<'_>, findings: &mut Findings<'_>) {
    let Kind::PrivateKey(key) = &leak.kind else { return };
    let kind = if key.kind.is_empty() { String::new() } else { format!("{} ", key.kind) };
    let article = if key.encrypted { "an encrypted" } else { "a" };
    let own = match leak.of_own_certificate {
        true => ", for a certificate that the project signed itself",
        false => "",
    };
    let message = format!("{article} private {kind}key stands in `{}`{own}", leak.place.path);
    let finding = findings.report(leak.place.clone(), message);
    finding
        .help("make a new key, put it where only the server reads it, and withdraw this one: it stays in the history");
    if key.encrypted {
        finding.at_most(Severity::Warning);
    }
    if leak.of_own_certificate {
        finding.at_most(Severity::Note);
    }
    identify(finding, leak);
}

/// `secret/literal-secret`
pub fn literal_secret(leak: &Leak, _: &Cx<'_>, findings: &mut Findings<'_>) {
    let Kind::Assignment { name, .. } = &leak.kind else { return };
    let message = format!("the value of `{name}`{} is written into `{}` ({})", more(leak), leak.place.path, leak.shown);
    let finding = findings.report(leak.place.clone(), message);
    finding.help("take it from the environment or a Docker secret, and change it: it stays in the history");
    identify(finding, leak);
}

/// `secret/password-in-address`
pub fn password_in_address(leak: &Leak, _: &Cx<'_>, findings: &mut Findings<'_>) {
    let Kind::Address { host, .. } = &leak.kind else { return };
    let message = format!("the password of an address of `{host}`{} is written into `{}`", more(leak), leak.place.path);
    let finding = findings.report(leak.place.clone(), message);
    finding.help("take the whole address from the environment, and change the password: it stays in the history");
    identify(finding, leak);
}

/// What ships is rated as the page says, what does not lower, and a made-up token lowest.
fn rate(finding: &mut Finding, leak: &Leak) {
    match (leak.assurance, leak.role) {
        (Assurance::Refuted, _) => finding.at_most(Severity::Note),
        (_, PathRole::Product) => finding,
        (Assurance::Confirmed, _) | (_, PathRole::Example) => finding.at_most(Severity::Warning),
        (Assurance::Plausible, _) => finding.at_most(Severity::Note),
    };
}

/// Says what the finding is about, and where else that is.
fn identify(finding: &mut Finding, leak: &Leak) {
    finding.anchor(leak.subject());
    match &leak.identity {
        Some(identity) => finding.evidence(identity),
        None => finding.evidence(format!("{}", leak.nth)),
    };
    for place in &leak.also {
        finding.related(place.clone(), "the same again");
    }
    for place in &leak.more {
        finding.related(place.clone(), "one more");
    }
}

/// How a message counts what else stands in the file.
fn more(leak: &Leak) -> String {
    match leak.more.len() {
        0 => String::new(),
        1 => " and one more secret".to_owned(),
        count => format!(" and {count} more secrets"),
    }
}
