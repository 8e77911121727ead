use crate::findings::Findings;
use crate::project::command::django;
use crate::project::usage::{CommandUse, Origin};
use crate::rules::Cx;

/// `dockerfile/migrate-in-build`
pub fn migrate_in_build(command: &CommandUse, _: &Cx<'_>, findings: &mut Findings<'_>) {
    if !matches!(command.origin, Origin::Build { .. }) {
        return;
    }
    if django(&command.invocation).is_some_and(|it| it.name.value == "migrate" && !it.has_flag(&["--plan", "--check"]))
    {
        findings
            .report(command.place(), "the database is migrated while the image is built")
            .help("migrate once per deploy: in the web service's entrypoint, or with `docker compose run --rm web python manage.py migrate`")
            .anchor("RUN migrate");
    }
}
