use crate::findings::{Findings, Severity};
use crate::project::proxy::{Edge, Matching, Proxy, ProxyKind};
use crate::project::value::Value;
use crate::rules::Cx;
use crate::source::RepoPath;

/// `proxy/alias-traversal`
pub fn alias_traversal(edge: &Edge, _: &Cx<'_>, findings: &mut Findings<'_>) {
    for (_, _, route) in edge.routes().filter(|(_, _, route)| route.matching == Matching::Prefix) {
        let Some(folder) = route.folder.as_ref().filter(|folder| folder.own && folder.alias) else { continue };
        if route.path.ends_with('/') || !folder.path.ends_with('/') || route.pass.is_some() {
            continue;
        }
        let (path, files) = (&route.path, &folder.path);
        findings
            .report(route.place.clone(), format!("`{path}../` reads the folder above `{files}`"))
            .help(format!("end both with a slash: `location {path}/`"))
            .related(folder.place.clone(), "the folder")
            .anchor(format!("location {path}"));
    }
}

/// `proxy/directory-listing`
pub fn directory_listing(edge: &Edge, _: &Cx<'_>, findings: &mut Findings<'_>) {
    for (_, _, route) in edge.routes() {
        let Some(place) = route.lists_folders.clone().filter(|_| route.pass.is_none() && !route.internal) else {
            continue;
        };
        if route.matching == Matching::Site {
            continue;
        }
        let finding = findings
            .report(place, format!("whoever asks for a folder below `{}` gets a list of its files", route.path));
        finding.help("take `autoindex on` out").anchor(format!("location {}", route.path));
        if route.path.contains("static") || route.path.contains("assets") {
            finding.at_most(Severity::Note);
        }
    }
}

/// `proxy/code-served`
pub fn code_served(edge: &Edge, cx: &Cx<'_>, findings: &mut Findings<'_>) {
    for (_, _, route) in edge.routes() {
        let silent = route.pass.is_some() || route.internal || route.answers;
        let Some(folder) = route.folder.as_ref().filter(|_| !silent && route.matching == Matching::Prefix) else {
            continue;
        };
        let below = if folder.alias { "" } else { route.path.trim_matches('/') };
        let Some(served) = folder.mounted.as_ref().and_then(|mounted| mounted.join(below)) else { continue };
        let holds_code = |project: &RepoPath| project.is_under(&served);
        let Some(project) = cx.model.projects.iter().find(|project| holds_code(&project.root)) else { continue };
        let code = project.manage.clone().unwrap_or_else(|| project.root.clone());
        findings
            .report(folder.place.clone(), format!("everybody can fetch the project's files here, `{code}` among them"))
            .help("serve only the folders that `collectstatic` and uploads are written to")
            .related(route.place.clone(), "the path")
            .anchor(format!("location {}", route.path));
    }
}

/// `proxy/static-files-unserved`
pub fn static_files_unserved(edge: &Edge, cx: &Cx<'_>, findings: &mut Findings<'_>) {
    let Some(deployment) = cx.deployment else { return };
    let untold = |proxy: &Proxy| proxy.open.is_some() || proxy.service.is_none();
    if edge.proxies.iter().any(untold) {
        return;
    }
    for it in edge.django_routes().filter(|it| it.route.path == "/" && it.route.matching == Matching::Prefix) {
        let Some(service) = deployment.service(it.service) else { continue };
        let Some((django, url)) = service.django.as_ref().and_then(|django| Some((django, django.local_static_url()?)))
        else {
            continue;
        };
        let debug_off = django.settings.effective("DEBUG").truth() == Value::Known(false);
        if !debug_off || edge.may_serve_beside(&it, &url) || cx.model.may_serve_static(service) {
            continue;
        }
        let help = match it.proxy.kind {
            ProxyKind::Nginx => "serve STATIC_ROOT here, `location /static/ { alias …; }`, or install WhiteNoise",
            ProxyKind::Caddy => {
                "serve STATIC_ROOT here, `handle_path /static/* { root * …; file_server }`, or install WhiteNoise"
            }
            ProxyKind::Traefik => "install WhiteNoise: Traefik serves no files",
        };
        findings
            .report(
                it.pass.place.clone(),
                format!("nobody serves `{url}`: DEBUG is off, and all of it is passed to Django"),
            )
            .help(help)
            .anchor(format!("static files of {}", it.service));
    }
}
