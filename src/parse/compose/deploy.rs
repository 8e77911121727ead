use super::reader::{Entry, Reader};
use super::{Field, MergeTag, Pair, Setting, Text};
use crate::parse::yaml::NodeId;

/// `deploy`.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Deploy {
    /// `mode`: `replicated` or `global`.
    pub mode: Setting<Text>,
    /// `replicas`.
    pub replicas: Setting<Text>,
    /// `endpoint_mode`.
    pub endpoint_mode: Setting<Text>,
    /// `labels`: of the service in a swarm, not of its containers.
    pub labels: Setting<Vec<Pair>>,
    /// `resources.limits`.
    pub limits: Setting<Limits>,
    /// `resources.reservations`.
    pub reservations: Setting<Limits>,
    /// `restart_policy`.
    pub restart_policy: Setting<RestartPolicy>,
    /// `update_config`.
    pub update_config: Setting<Rollout>,
    /// `rollback_config`.
    pub rollback_config: Setting<Rollout>,
    /// `placement.constraints`.
    pub constraints: Setting<Vec<Text>>,
}

/// `resources.limits` or `resources.reservations`.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Limits {
    /// `cpus`, a number of processors.
    pub cpus: Setting<Text>,
    /// `memory`, with a unit.
    pub memory: Setting<Text>,
    /// `pids`.
    pub pids: Setting<Text>,
}

/// `restart_policy`.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct RestartPolicy {
    /// `condition`: `none`, `on-failure` or `any`.
    pub condition: Setting<Text>,
    /// `delay`, a duration.
    pub delay: Setting<Text>,
    /// `max_attempts`.
    pub max_attempts: Setting<Text>,
    /// `window`, a duration.
    pub window: Setting<Text>,
}

/// `update_config` or `rollback_config`.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Rollout {
    /// `parallelism`.
    pub parallelism: Setting<Text>,
    /// `delay`, a duration.
    pub delay: Setting<Text>,
    /// `failure_action`: `continue`, `rollback` or `pause`.
    pub failure_action: Setting<Text>,
    /// `monitor`, a duration.
    pub monitor: Setting<Text>,
    /// `max_failure_ratio`.
    pub max_failure_ratio: Setting<Text>,
    /// `order`: `stop-first` or `start-first`.
    pub order: Setting<Text>,
}

impl Reader<'_> {
    pub(super) fn deploy(&mut self, node: NodeId) -> Option<Deploy> {
        let mut deploy = Deploy::default();
        for entry in self.mapping(node, "deploy")? {
            match entry.name.as_str() {
                "mode" => deploy.mode = self.text_field(&entry),
                "replicas" => deploy.replicas = self.text_field(&entry),
                "endpoint_mode" => deploy.endpoint_mode = self.text_field(&entry),
                "labels" => deploy.labels = self.pairs_field(&entry),
                "restart_policy" => deploy.restart_policy = self.field(&entry, Self::restart_policy),
                "update_config" => deploy.update_config = self.rollout(&entry),
                "rollback_config" => deploy.rollback_config = self.rollout(&entry),
                "resources" => {
                    let tagged = entry.tag != MergeTag::Merge;
                    if tagged {
                        let taken = || Some(Field { key: entry.name.span, tag: entry.tag, value: None });
                        (deploy.limits, deploy.reservations) = (taken(), taken());
                    }
                    let inside = self.entries(entry.value, "resources");
                    for mut inner in inside.into_iter().filter(|_| entry.tag != MergeTag::Reset) {
                        if tagged {
                            inner.tag = entry.tag;
                        }
                        match inner.name.as_str() {
                            "limits" => deploy.limits = self.limits(&inner),
                            "reservations" => deploy.reservations = self.limits(&inner),
                            _ => {}
                        }
                    }
                }
                "placement" => {
                    if entry.tag != MergeTag::Merge {
                        deploy.constraints = Some(Field { key: entry.name.span, tag: entry.tag, value: None });
                    }
                    for mut inner in self.entries(entry.value, "placement") {
                        if entry.tag != MergeTag::Merge {
                            inner.tag = entry.tag;
                        }
                        if inner.name.value == "constraints" {
                            deploy.constraints = self.texts_field(&inner);
                        }
                    }
                }
                _ => {}
            }
        }
        Some(deploy)
    }

    fn limits(&mut self, entry: &Entry) -> Setting<Limits> {
        self.field(entry, |reader, node| {
            let mut limits = Limits::default();
            for inner in reader.mapping(node, &entry.name)? {
                match inner.name.as_str() {
                    "cpus" => limits.cpus = reader.text_field(&inner),
                    "memory" => limits.memory = reader.text_field(&inner),
                    "pids" => limits.pids = reader.text_field(&inner),
                    _ => {}
                }
            }
            Some(limits)
        })
    }

    fn restart_policy(&mut self, node: NodeId) -> Option<RestartPolicy> {
        let mut policy = RestartPolicy::default();
        for entry in self.mapping(node, "restart_policy")? {
            match entry.name.as_str() {
                "condition" => policy.condition = self.text_field(&entry),
                "delay" => policy.delay = self.text_field(&entry),
                "max_attempts" => policy.max_attempts = self.text_field(&entry),
                "window" => policy.window = self.text_field(&entry),
                _ => {}
            }
        }
        Some(policy)
    }

    fn rollout(&mut self, entry: &Entry) -> Setting<Rollout> {
        self.field(entry, |reader, node| {
            let mut rollout = Rollout::default();
            for inner in reader.mapping(node, &entry.name)? {
                match inner.name.as_str() {
                    "parallelism" => rollout.parallelism = reader.text_field(&inner),
                    "delay" => rollout.delay = reader.text_field(&inner),
                    "failure_action" => rollout.failure_action = reader.text_field(&inner),
                    "monitor" => rollout.monitor = reader.text_field(&inner),
                    "max_failure_ratio" => rollout.max_failure_ratio = reader.text_field(&inner),
                    "order" => rollout.order = reader.text_field(&inner),
                    _ => {}
                }
            }
            Some(rollout)
        })
    }
}
