use super::*;
use crate::config::Config;
use crate::project::Model;
use crate::tree::{MemoryFile, MemoryTree, Snapshot};
use std::sync::Arc;

fn model(files: &[(&str, &str)]) -> Model {
    let file = |(path, text): &(&str, &str)| MemoryFile::new(RepoPath::new(path).unwrap(), *text);
    let tree = MemoryTree::new(files.iter().map(file));
    Model::build(Arc::new(Snapshot::new(tree)), &Config::default(), true)
}

const STACK: &str = "services:
  web:
    image: registry.example.org/web:1.2
    command: gunicorn school.wsgi --bind 0.0.0.0:8000
    environment:
      DJANGO_SETTINGS_MODULE: school.settings
  nginx:
    build: ./nginx
    ports: ['80:80', '443:443']
";

const SETTINGS: (&str, &str) = ("school/settings.py", "DEBUG = False\n");

fn routes(edge: &Edge) -> Vec<String> {
    let header = |route: &Route, name: &str| {
        route.request_headers.get(name).map_or("-".to_owned(), |header| header.value.clone())
    };
    edge.django_routes()
        .map(|it| format!("{} {} {}", it.route.path, header(it.route, "Host"), header(it.route, "X-Forwarded-Proto")))
        .collect()
}

#[test]
fn what_an_image_copies_is_its_configuration() {
    let model = model(&[
        ("compose.prod.yml", STACK),
        SETTINGS,
        (
            "nginx/Dockerfile",
            "FROM nginx:1.28\nRUN rm /etc/nginx/conf.d/default.conf\nCOPY nginx.conf /etc/nginx/conf.d\nCOPY snippets/ /etc/nginx/snippets/\n",
        ),
        (
            "nginx/nginx.conf",
            "upstream app { server web:8000; }
server { listen 80; return 301 https://$host$request_uri; }
server {
    listen 443 ssl;
    add_header Strict-Transport-Security max-age=3600;
    proxy_set_header Host $host;
    location / { proxy_pass http://app; }
    location /api/ { include snippets/proxy.inc; proxy_pass http://app/api/; }
    location /other/ { proxy_set_header X-A b; proxy_pass http://elsewhere.example.org; }
}",
        ),
        ("nginx/snippets/proxy.inc", "proxy_set_header X-Forwarded-Proto $scheme;\n"),
    ]);
    let edge = &model.edges[0];
    assert_eq!(routes(edge), ["/ $host -", "/api/ - $scheme"]);
    assert_eq!(edge.proxies[0].service.as_deref(), Some("nginx"));
    for fact in [&edge.redirects_to_https, &edge.terminates_tls, &edge.sends_hsts] {
        assert!(matches!(fact, Value::Known(place) if place.path.as_str() == "nginx/nginx.conf"), "{fact:?}");
    }
}

#[test]
fn templates_of_the_image_are_rendered_and_templates_of_others_are_open() {
    let site = "server { listen 80; location / { proxy_pass http://web:8000; } }";
    let stack = STACK.replace("build: ./nginx", "image: nginx:1.28\n    volumes: ['./t:/etc/nginx/templates']");
    let rendered = model(&[("compose.prod.yml", &stack), SETTINGS, ("t/site.conf.template", site)]);
    assert_eq!(rendered.edges[0].terminates_tls, Value::Absent);
    assert!(rendered.edges[0].proxies[0].is_certain());
    let jinja = format!("{{% if x %}}{site}{{% endif %}}");
    let open = model(&[("compose.prod.yml", STACK), SETTINGS, ("nginx/site.conf.j2", &jinja)]);
    assert!(open.edges[0].terminates_tls.is_unknown());
    assert!(open.edges[0].routes().all(|(_, _, route)| route.open && !route.request_headers.lacks("Host")));
    assert!(open.files.iter().all(|file| file.problems.is_empty()));
}

#[test]
fn one_file_that_no_container_loads_is_taken_and_of_several_none() {
    let stack = STACK.split("  nginx:").next().unwrap();
    let site = "server { listen 80; location / { proxy_pass http://127.0.0.1:8000; } }";
    let one = model(&[("compose.prod.yml", stack), SETTINGS, ("deploy/nginx/site.conf", site)]);
    assert_eq!(routes(&one.edges[0]), ["/ - -"]);
    assert!(!one.edges[0].proxies[0].is_certain());
    let files = [("compose.prod.yml", stack), SETTINGS, ("deploy/nginx/a.conf", site), ("deploy/nginx/b.conf", site)];
    let two = model(&files);
    assert!(two.edges[0].proxies.is_empty());
    assert_eq!(two.edges.iter().filter(|edge| edge.deployment.is_none()).count(), 2);
}

#[test]
fn a_caddyfile_tells_the_same_facts() {
    let stack = STACK.replace("build: ./nginx", "image: caddy:2.10\n    volumes: ['./Caddyfile:/etc/caddy/Caddyfile']");
    let of = |text: &str| model(&[("compose.prod.yml", &stack), SETTINGS, ("Caddyfile", text)]).edges[0].clone();
    let edge = of("school.example.org\n\nheader Strict-Transport-Security max-age=3600\nreverse_proxy web:8000\n");
    assert_eq!(routes(&edge), ["/ {host} {scheme}"]);
    assert!(matches!((&edge.redirects_to_https, &edge.sends_hsts), (Value::Known(_), Value::Known(_))));
    let plain =
        of("http://school.example.org {\n  reverse_proxy web:8000 {\n    header_up -X-Forwarded-Proto\n  }\n}\n");
    assert_eq!(routes(&plain), ["/ {host} -"]);
    assert_eq!(plain.terminates_tls, Value::Absent);
    assert!(of("{$DOMAIN} {\n  reverse_proxy web:8000\n}\n").redirects_to_https.is_unknown());
}

#[test]
fn labels_for_a_traefik_tell_the_same_facts() {
    let labels = "    labels:
      - traefik.http.routers.school.rule=Host(`school.example.org`)
      - traefik.http.routers.school.entrypoints=websecure
      - traefik.http.routers.school.tls=true
";
    let web = STACK.split("  nginx:").next().unwrap();
    let traefik = "  traefik:
    image: traefik:v3.5
    ports: ['80:80', '443:443']
    volumes: ['./traefik.yml:/etc/traefik/traefik.yml']
";
    let whole = format!("{web}{labels}{traefik}");
    let points = "entryPoints:\n  web:\n    address: ':80'\n    http:\n      redirections:\n        entryPoint:\n          to: websecure\n  websecure:\n    address: ':443'\n";
    let told = model(&[("compose.prod.yml", &whole), SETTINGS, ("traefik.yml", points)]);
    assert_eq!(routes(&told.edges[0]).len(), 1);
    assert!(matches!(told.edges[0].redirects_to_https, Value::Known(_)));
    assert_eq!(told.edges[0].sends_hsts, Value::Absent);
    let elsewhere = model(&[("compose.prod.yml", &format!("{web}{labels}")), SETTINGS]);
    assert!(matches!(elsewhere.edges[0].terminates_tls, Value::Known(_)));
    assert!(elsewhere.edges[0].redirects_to_https.is_unknown());
}
