use crate::findings::Findings;
use crate::project::compose;
use crate::project::container::health::Health;
use crate::project::deployment::Service;
use crate::rules::Cx;

/// Reports a service that lacks something, where all of it is known.
fn lacks(
    service: &Service,
    has: impl Fn(&compose::Service) -> bool,
    message: &str,
    help: &str,
    findings: &mut Findings<'_>,
) {
    let merged = service.compose.as_ref().filter(|merged| merged.maybe_more.is_none());
    if merged.is_some_and(|merged| !has(merged)) {
        findings
            .report(service.place.clone(), format!("service `{}` {message}", service.name))
            .help(help)
            .anchor(format!("service {}", service.name));
    }
}

/// The limits of `deploy.resources`, where there are any.
fn limits(merged: &compose::Service) -> Option<&compose::Limits> {
    Some(&merged.deploy.as_ref()?.value.limits.as_ref()?.value)
}

/// `compose/memory-limit-missing`
pub fn memory_limit_missing(service: &Service, _: &Cx<'_>, findings: &mut Findings<'_>) {
    let has = |merged: &compose::Service| {
        merged.mem_limit.is_some() || limits(merged).is_some_and(|limits| limits.memory.is_some())
    };
    lacks(service, has, "may take all memory of its host", "say `mem_limit: 512m`", findings);
}

/// `compose/cpu-limit-missing`
pub fn cpu_limit_missing(service: &Service, _: &Cx<'_>, findings: &mut Findings<'_>) {
    let older = ["cpu_quota", "cpu_count", "cpu_percent"];
    let has = |merged: &compose::Service| {
        merged.cpus.is_some()
            || limits(merged).is_some_and(|limits| limits.cpus.is_some())
            || merged.other.iter().any(|other| older.contains(&other.value.name.as_str()))
    };
    lacks(service, has, "may take all processors of its host", "say `cpus: 1.5`", findings);
}

/// `compose/pids-limit-missing`
pub fn pids_limit_missing(service: &Service, _: &Cx<'_>, findings: &mut Findings<'_>) {
    let has = |merged: &compose::Service| {
        let own = merged.pids_limit.as_ref().is_some_and(|limit| limit.value.likely() != Some("-1"));
        own || limits(merged).is_some_and(|limits| limits.pids.is_some())
    };
    lacks(service, has, "may start as many processes as it likes", "say `pids_limit: 200`", findings);
}

/// `compose/log-limit-missing`
pub fn log_limit_missing(service: &Service, _: &Cx<'_>, findings: &mut Findings<'_>) {
    let has = |merged: &compose::Service| {
        merged.logging.as_ref().is_some_and(|logging| {
            let driver = logging.value.driver.as_ref().and_then(|driver| driver.value.likely());
            let limited = logging.value.options.iter().any(|option| option.value.name == "max-size");
            limited || driver.is_some_and(|driver| driver != "json-file")
        })
    };
    lacks(service, has, "may fill the disk with its log", "say `logging: {options: {max-size: 10m}}`", findings);
}

/// `compose/new-privileges-allowed`
pub fn new_privileges_allowed(service: &Service, _: &Cx<'_>, findings: &mut Findings<'_>) {
    let has = |merged: &compose::Service| {
        merged.security_opt.iter().any(|option| {
            let text = option.value.text.text();
            text.starts_with("no-new-privileges") && !text.ends_with("false")
        })
    };
    let help = "say `security_opt: [\"no-new-privileges:true\"]`";
    lacks(service, has, "may gain privileges that it did not start with", help, findings);
}

/// `compose/security-options-missing`
pub fn security_options_missing(service: &Service, _: &Cx<'_>, findings: &mut Findings<'_>) {
    let has = |merged: &compose::Service| !merged.security_opt.is_empty();
    lacks(service, has, "says nothing about its confinement", "say `security_opt`", findings);
}

/// `compose/capabilities-kept`
pub fn capabilities_kept(service: &Service, _: &Cx<'_>, findings: &mut Findings<'_>) {
    let has = |merged: &compose::Service| !merged.cap_drop.is_empty();
    lacks(service, has, "keeps the capabilities that Docker gives", "say `cap_drop: [ALL]`", findings);
}

/// `compose/root-filesystem-writable`
pub fn root_filesystem_writable(service: &Service, _: &Cx<'_>, findings: &mut Findings<'_>) {
    let has = |merged: &compose::Service| {
        merged.read_only.as_ref().is_some_and(|flag| flag.value.value.known() != Some(&false))
    };
    lacks(service, has, "may write anywhere in its container", "say `read_only: true`", findings);
}

/// `compose/healthcheck-missing`
pub fn healthcheck_missing(service: &Service, _: &Cx<'_>, findings: &mut Findings<'_>) {
    let has = |_: &compose::Service| service.health() != Health::Missing;
    lacks(service, has, "has no health check", "give it a `healthcheck`", findings);
}
