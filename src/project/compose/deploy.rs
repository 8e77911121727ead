use super::context::Context;
use super::{Interpolated, Pair, Placed, Text};
use crate::parse::compose as file;

/// `deploy`.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Deploy {
    /// `mode`: `replicated` or `global`.
    pub mode: Text,
    /// `replicas`.
    pub replicas: Text,
    /// `endpoint_mode`.
    pub endpoint_mode: Text,
    /// `labels`.
    pub labels: Vec<Placed<Pair>>,
    /// `resources.limits`.
    pub limits: Option<Placed<Limits>>,
    /// `resources.reservations`.
    pub reservations: Option<Placed<Limits>>,
    /// `restart_policy`.
    pub restart_policy: Option<Placed<RestartPolicy>>,
    /// `update_config`.
    pub update_config: Option<Placed<Rollout>>,
    /// `rollback_config`.
    pub rollback_config: Option<Placed<Rollout>>,
    /// `placement.constraints`.
    pub constraints: Vec<Placed<Interpolated>>,
}

/// `resources.limits` or `resources.reservations`.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Limits {
    /// `cpus`.
    pub cpus: Text,
    /// `memory`.
    pub memory: Text,
    /// `pids`.
    pub pids: Text,
}

/// `restart_policy`.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct RestartPolicy {
    /// `condition`: `none`, `on-failure` or `any`.
    pub condition: Text,
    /// `delay`, a duration.
    pub delay: Text,
    /// `max_attempts`.
    pub max_attempts: Text,
    /// `window`, a duration.
    pub window: Text,
}

/// `update_config` or `rollback_config`.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Rollout {
    /// `parallelism`.
    pub parallelism: Text,
    /// `delay`, a duration.
    pub delay: Text,
    /// `failure_action`.
    pub failure_action: Text,
    /// `monitor`, a duration.
    pub monitor: Text,
    /// `max_failure_ratio`.
    pub max_failure_ratio: Text,
    /// `order`: `stop-first` or `start-first`.
    pub order: Text,
}

impl Context {
    pub fn merge_deploy(&self, slot: &mut Option<Placed<Deploy>>, field: &file::Setting<file::Deploy>) {
        self.merge(
            slot,
            field,
            |_| None,
            |deploy: &mut Deploy, over| {
                self.set_text(&mut deploy.mode, &over.mode);
                self.set_text(&mut deploy.replicas, &over.replicas);
                self.set_text(&mut deploy.endpoint_mode, &over.endpoint_mode);
                self.extend_pairs(&mut deploy.labels, &over.labels);
                self.merge_limits(&mut deploy.limits, &over.limits);
                self.merge_limits(&mut deploy.reservations, &over.reservations);
                self.merge(
                    &mut deploy.restart_policy,
                    &over.restart_policy,
                    |_| None,
                    |policy: &mut RestartPolicy, over| {
                        self.set_text(&mut policy.condition, &over.condition);
                        self.set_text(&mut policy.delay, &over.delay);
                        self.set_text(&mut policy.max_attempts, &over.max_attempts);
                        self.set_text(&mut policy.window, &over.window);
                    },
                );
                self.merge_rollout(&mut deploy.update_config, &over.update_config);
                self.merge_rollout(&mut deploy.rollback_config, &over.rollback_config);
                self.extend_texts(&mut deploy.constraints, &over.constraints);
            },
        );
    }

    fn merge_limits(&self, slot: &mut Option<Placed<Limits>>, field: &file::Setting<file::Limits>) {
        self.merge(
            slot,
            field,
            |_| None,
            |limits: &mut Limits, over| {
                self.set_text(&mut limits.cpus, &over.cpus);
                self.set_text(&mut limits.memory, &over.memory);
                self.set_text(&mut limits.pids, &over.pids);
            },
        );
    }

    fn merge_rollout(&self, slot: &mut Option<Placed<Rollout>>, field: &file::Setting<file::Rollout>) {
        self.merge(
            slot,
            field,
            |_| None,
            |rollout: &mut Rollout, over| {
                self.set_text(&mut rollout.parallelism, &over.parallelism);
                self.set_text(&mut rollout.delay, &over.delay);
                self.set_text(&mut rollout.failure_action, &over.failure_action);
                self.set_text(&mut rollout.monitor, &over.monitor);
                self.set_text(&mut rollout.max_failure_ratio, &over.max_failure_ratio);
                self.set_text(&mut rollout.order, &over.order);
            },
        );
    }
}
