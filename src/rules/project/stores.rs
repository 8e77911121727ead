use crate::findings::Findings;
use crate::project::Model;
use crate::rules::Cx;

/// `project/managed-database-open`
pub fn managed_database_open(model: &Model, _: &Cx<'_>, findings: &mut Findings<'_>) {
    for store in model.open_stores() {
        let message = match store.unsaid {
            true => format!("`{}` can be reached from everywhere, since no `ipAllowList` says otherwise", store.name),
            false => format!("`{}` can be reached from everywhere", store.name),
        };
        findings
            .report(store.place, message)
            .help("let in the private network alone with `ipAllowList: []`, or list the addresses that you come from")
            .anchor(format!("store {}", store.name));
    }
}
