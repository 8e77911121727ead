//! Proxies before Django, and what Django's settings expect of them.

mod files;
mod forwarding;
mod reach;
mod tls;
mod upstream;

use super::{On, rule};

/// The rules of the family.
pub const RULES: &[(&str, On)] = &[
    rule("proxy/alias-traversal", On::Edge(files::alias_traversal)),
    rule("proxy/body-limit-too-small", On::Edge(forwarding::body_limit_too_small)),
    rule("proxy/code-served", On::Edge(files::code_served)),
    rule("proxy/directory-listing", On::Edge(files::directory_listing)),
    rule("proxy/forwarded-proto-always-http", On::Edge(forwarding::forwarded_proto_always_http)),
    rule("proxy/forwarded-proto-from-client", On::Edge(forwarding::forwarded_proto_from_client)),
    rule("proxy/forwarded-proto-missing", On::Edge(forwarding::forwarded_proto_missing)),
    rule("proxy/https-port-unanswered", On::Edge(reach::https_port_unanswered)),
    rule("proxy/host-not-passed", On::Edge(forwarding::host_not_passed)),
    rule("proxy/https-redirect-missing", On::Edge(tls::https_redirect_missing)),
    rule("proxy/obsolete-tls", On::Edge(tls::obsolete_tls)),
    rule("proxy/path-in-header", On::Edge(forwarding::path_in_header)),
    rule("proxy/security-headers-dropped", On::Edge(tls::security_headers_dropped)),
    rule("proxy/service-published-too", On::Edge(reach::service_published_too)),
    rule("proxy/static-files-unserved", On::Edge(files::static_files_unserved)),
    rule("proxy/unknown-upstream", On::Edge(upstream::unknown_upstream)),
    rule("proxy/version-shown", On::Edge(tls::version_shown)),
    rule("proxy/websocket-upgrade-missing", On::Edge(upstream::websocket_upgrade_missing)),
    rule("proxy/wrong-upstream-port", On::Edge(upstream::wrong_upstream_port)),
    rule("proxy/wrong-upstream-protocol", On::Edge(upstream::wrong_upstream_protocol)),
];
