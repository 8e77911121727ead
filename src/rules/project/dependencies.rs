use crate::findings::Findings;
use crate::project::Model;
use crate::project::django::requirements::{self, DjangoRequirement};
use crate::rules::Cx;
use std::collections::BTreeMap;

/// `project/django-unpinned`
pub fn django_unpinned(model: &Model, _: &Cx<'_>, findings: &mut Findings<'_>) {
    let loose = model.django_requirements.iter().filter(|django| django.takes_newest());
    for django in loose.filter(|django| model.installs(&django.place.path)) {
        findings
            .report(
                django.place.clone(),
                format!("`{}` takes whatever Django is newest on the day of the build", django.written),
            )
            .help("pin the version that you tested, as in `Django==5.2.8`, or commit a lock file")
            .anchor("django");
    }
}

/// `project/django-end-of-life`
pub fn django_end_of_life(model: &Model, _: &Cx<'_>, findings: &mut Findings<'_>) {
    // Several files often name the same version, and are moved together.
    let mut by_series: BTreeMap<String, (&'static str, Vec<&DjangoRequirement>)> = BTreeMap::new();
    for django in &model.django_requirements {
        let Some(ended) = django.ended() else { continue };
        by_series.entry(ended.series).or_insert((ended.month, Vec::new())).1.push(django);
    }
    for (series, (month, places)) in by_series {
        let Some((django, others)) = places.split_first() else { continue };
        let finding = findings.report(
            django.place.clone(),
            format!("Django {series} gets no security fixes: its support ended in {month}"),
        );
        finding
            .help(
                "move to a long-term release that is supported, one series at a time, with warnings on (`python -Wd`)",
            )
            .anchor("django");
        for other in others {
            finding.related(other.place.clone(), "asks for it as well");
        }
    }
}

/// `project/dependency-unpinned`
pub fn dependency_unpinned(model: &Model, _: &Cx<'_>, findings: &mut Findings<'_>) {
    for loose in requirements::loose(&model.snapshot) {
        let more = match loose.names.len() - 1 {
            0 => String::new(),
            more => format!(" and {more} more of this file"),
        };
        findings
            .report(loose.place, format!("`{}`{more} may be any later version at the next build", loose.names[0]))
            .help("pin what was tested, by hand, with `pip-compile` or with `uv lock`")
            .anchor("requirements");
    }
}
