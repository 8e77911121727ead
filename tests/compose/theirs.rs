//! What Docker Compose says of a stack, as points that can be compared.

use super::points::{Points, bytes, duration, number, sorted};
use serde_json::{Value as Json, json};

/// The keys that are lists without an order.
const LISTS: [&str; 11] = [
    "expose",
    "tmpfs",
    "cap_add",
    "cap_drop",
    "security_opt",
    "group_add",
    "profiles",
    "extra_hosts",
    "volumes_from",
    "tags",
    "cache_from",
];

/// The points of a stack.
pub fn points(stack: &Json) -> Points {
    let mut points = Points::new();
    let object = |json: &Json, key: &str| json[key].as_object().cloned().unwrap_or_default();
    for (name, service) in object(stack, "services") {
        let at = format!("services.{name}");
        points.insert(at.clone(), json!(true));
        for (key, value) in service.as_object().into_iter().flatten() {
            self::service(&mut points, &format!("{at}.{key}"), key, value);
        }
    }
    for section in ["volumes", "networks", "secrets", "configs"] {
        for (name, resource) in object(stack, section) {
            let at = format!("{section}.{name}");
            points.insert(at.clone(), json!(true));
            let keys = resource.as_object().into_iter().flatten();
            for (key, value) in keys.filter(|(key, _)| *key != "ipam") {
                flat(&mut points, &format!("{at}.{key}"), value);
            }
        }
    }
    points.insert("name".to_owned(), stack["name"].clone());
    points
}

fn service(points: &mut Points, at: &str, key: &str, value: &Json) {
    let items = || value.as_array().cloned().unwrap_or_default();
    match key {
        "ports" => {
            let port = |port: Json| {
                let part = |key: &str| port[key].as_str().map(str::to_owned).unwrap_or_default();
                json!(format!("{}:{}:{}/{}", part("host_ip"), part("published"), port["target"], part("protocol")))
            };
            points.insert(at.to_owned(), sorted(items().into_iter().map(port)));
        }
        "volumes" => {
            for mount in items() {
                let at = format!("{at}.{}", mount["target"].as_str().unwrap_or_default());
                points.insert(format!("{at}.type"), mount["type"].clone());
                points.insert(format!("{at}.source"), mount["source"].clone());
                points.insert(format!("{at}.read_only"), mount["read_only"].clone());
            }
        }
        "secrets" | "configs" => {
            let file = |file: Json| json!(format!("{}:{}:{}", file["source"], file["target"], file["mode"]));
            points.insert(at.to_owned(), sorted(items().into_iter().map(file)));
        }
        "devices" => {
            let part = |device: &Json, key: &str| device[key].as_str().unwrap_or_default().to_owned();
            let device = |device: Json| {
                json!(format!(
                    "{}:{}:{}",
                    part(&device, "source"),
                    part(&device, "target"),
                    part(&device, "permissions")
                ))
            };
            points.insert(at.to_owned(), sorted(items().into_iter().map(device)));
        }
        "networks" => {
            for (name, network) in value.as_object().into_iter().flatten() {
                points.insert(format!("{at}.{name}"), json!(true));
                if let Some(aliases) = network["aliases"].as_array() {
                    points.insert(format!("{at}.{name}.aliases"), sorted(aliases.iter().cloned()));
                }
                points.insert(format!("{at}.{name}.ipv4_address"), network["ipv4_address"].clone());
            }
        }
        "depends_on" => {
            for (name, dependency) in value.as_object().into_iter().flatten() {
                for (key, value) in dependency.as_object().into_iter().flatten() {
                    points.insert(format!("{at}.{name}.{key}"), value.clone());
                }
            }
        }
        "develop" => {
            for (number, watch) in value["watch"].as_array().into_iter().flatten().enumerate() {
                for key in ["path", "action", "target"] {
                    points.insert(format!("{at}.{number}.{key}"), watch[key].clone());
                }
            }
        }
        "ulimits" => {
            for (name, limit) in value.as_object().into_iter().flatten() {
                let both = |key: &str| if limit.is_number() { number(limit) } else { number(&limit[key]) };
                points.insert(format!("{at}.{name}.soft"), both("soft"));
                points.insert(format!("{at}.{name}.hard"), both("hard"));
            }
        }
        "deploy" => {
            let mut deploy = value.clone();
            if let Some(deploy) = deploy.as_object_mut() {
                for limits in ["limits", "reservations"] {
                    if let Some(limits) = deploy.get_mut("resources").and_then(|it| it.get_mut(limits)) {
                        let (memory, cpus) = (bytes(&limits["memory"]), number(&limits["cpus"]));
                        limits["memory"] = memory;
                        limits["cpus"] = cpus;
                    }
                }
                for (section, key) in
                    [("restart_policy", "delay"), ("restart_policy", "window"), ("update_config", "delay")]
                {
                    if let Some(section) = deploy.get_mut(section) {
                        section[key] = duration(&section[key]);
                    }
                }
                // `scale` and `deploy.replicas` are one.
                if let Some(replicas) = deploy.remove("replicas") {
                    points.insert(at.replace(".deploy", ".scale"), number(&replicas));
                }
            }
            flat(points, at, &deploy);
        }
        "healthcheck" => {
            let mut health = value.clone();
            for key in ["interval", "timeout", "start_period", "start_interval"] {
                health[key] = duration(&health[key]);
            }
            flat(points, at, &health);
        }
        "stop_grace_period" => drop(points.insert(at.to_owned(), duration(value))),
        "shm_size" | "mem_limit" | "mem_reservation" | "memswap_limit" => {
            drop(points.insert(at.to_owned(), bytes(value)))
        }
        "scale" | "cpus" | "pids_limit" | "cpu_shares" => drop(points.insert(at.to_owned(), number(value))),
        "post_start" | "pre_stop" => {
            for (number, hook) in items().into_iter().enumerate() {
                for key in ["command", "user", "privileged"] {
                    points.insert(format!("{at}.{number}.{key}"), hook[key].clone());
                }
            }
        }
        _ if LISTS.contains(&key) => drop(points.insert(at.to_owned(), sorted(items()))),
        _ if key.starts_with("x-") => {}
        _ => flat(points, at, value),
    }
}

/// Every value below a key by its path.
fn flat(points: &mut Points, at: &str, value: &Json) {
    match value {
        Json::Object(entries) => {
            for (key, value) in entries {
                flat(points, &format!("{at}.{key}"), value);
            }
        }
        Json::Array(items) if LISTS.iter().any(|list| at.ends_with(list)) || at.ends_with("constraints") => {
            points.insert(at.to_owned(), sorted(items.iter().cloned()));
        }
        value => drop(points.insert(at.to_owned(), value.clone())),
    }
}
