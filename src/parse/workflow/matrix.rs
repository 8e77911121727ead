//! `strategy.matrix`: the jobs that one job stands for. Source: docs.github.com, "Running variations of jobs in a workflow".

use super::reader::Reader;
use crate::parse::yaml::NodeId;
use std::collections::BTreeMap;

/// One of the jobs: what is below `matrix`, by its name (`image`, `image.target`).
pub type Combination = BTreeMap<String, String>;

/// So many jobs are told apart.
const MAX_JOBS: usize = 64;

impl Reader<'_> {
    /// The jobs of `strategy`; `None` where they are known only when the pipeline runs, or are too many.
    pub(super) fn matrix(&mut self, strategy: NodeId) -> Option<Vec<Combination>> {
        let Some(matrix) = self.yaml.get(strategy, "matrix") else { return Some(vec![Combination::new()]) };
        if !self.yaml.is_mapping(matrix) {
            return None;
        }
        let mut axes: Vec<(String, Vec<Combination>)> = Vec::new();
        let (mut include, mut exclude) = (Vec::new(), Vec::new());
        for entry in self.entries(matrix, "matrix") {
            let items: Vec<NodeId> = self.yaml.items(entry.value)?.to_vec();
            let name = entry.name.value;
            match name.as_str() {
                "include" => include = items.iter().map(|&item| self.values("", item)).collect::<Option<_>>()?,
                "exclude" => exclude = items.iter().map(|&item| self.values("", item)).collect::<Option<_>>()?,
                _ => {
                    let values = items.iter().map(|&item| self.values(&name, item)).collect::<Option<Vec<_>>>()?;
                    axes.push((name, values));
                }
            }
        }
        let mut jobs: Vec<Combination> = if axes.is_empty() { Vec::new() } else { vec![Combination::new()] };
        for (_, values) in &axes {
            if jobs.len().saturating_mul(values.len()) > MAX_JOBS {
                return None;
            }
            let with = |job: &Combination, value: &Combination| {
                let both = job.iter().chain(value);
                both.map(|(name, value)| (name.clone(), value.clone())).collect()
            };
            jobs =
                jobs.iter().flat_map(|job| values.iter().map(|value| with(job, value)).collect::<Vec<_>>()).collect();
        }
        let agrees = |job: &Combination, told: &Combination| {
            told.iter().all(|(name, value)| job.get(name).is_some_and(|own| own == value))
        };
        jobs.retain(|job| !exclude.iter().any(|told| agrees(job, told)));
        let original = jobs.clone();
        for added in include {
            let of_axes = |name: &str| axes.iter().any(|(axis, _)| name.split('.').next() == Some(axis));
            let (told, more): (Combination, Combination) =
                added.clone().into_iter().partition(|(name, _)| of_axes(name));
            let mut found = false;
            for (job, own) in jobs.iter_mut().zip(&original).filter(|(_, own)| agrees(own, &told)) {
                debug_assert!(own.keys().all(|name| job.contains_key(name)));
                job.extend(more.clone());
                found = true;
            }
            if !found {
                jobs.push(added);
            }
        }
        (jobs.len() <= MAX_JOBS).then_some(jobs)
    }

    /// A value by its name, or the values of a mapping by theirs; `None` where one is not written out.
    fn values(&mut self, name: &str, node: NodeId) -> Option<Combination> {
        if self.yaml.is_mapping(node) {
            let mut all = Combination::new();
            for pair in self.pairs(node, "matrix") {
                let text = pair.value.text();
                let dot = if name.is_empty() { "" } else { "." };
                all.insert(format!("{name}{dot}{}", pair.name.value), text.to_owned());
            }
            return all.values().all(|text| !text.contains("${{")).then_some(all);
        }
        let text = self.fragment(node, "matrix")?.text().to_owned();
        (!name.is_empty() && !text.contains("${{")).then(|| Combination::from([(name.to_owned(), text)]))
    }
}
