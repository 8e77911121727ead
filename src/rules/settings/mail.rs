use super::tell;
use crate::findings::Findings;
use crate::project::deployment::DjangoProcess;
use crate::rules::Cx;

/// `settings/mail-not-sent`
pub fn mail_not_sent(django: &DjangoProcess, _: &Cx<'_>, findings: &mut Findings<'_>) {
    let backend = django.settings.read(&["EMAIL_BACKEND"]);
    let kind = backend.text().and_then(|text| text.strip_prefix("django.core.mail.backends."));
    let fate = match kind {
        Some("console.EmailBackend") => "printed to the log",
        Some("dummy.EmailBackend") => "thrown away",
        Some("locmem.EmailBackend") => "kept in memory",
        Some("filebased.EmailBackend") => "written to files",
        _ => return,
    };
    if !django.settings.debugs() {
        tell(findings, django, &backend, "EMAIL_BACKEND", format!("mail is {fate} and reaches nobody"))
            .help("use the SMTP backend, which is the default, or that of a mail service (django-anymail)");
    }
}

/// `settings/mail-tls-and-ssl`
pub fn mail_tls_and_ssl(django: &DjangoProcess, _: &Cx<'_>, findings: &mut Findings<'_>) {
    let settings = &django.settings;
    let (tls, ssl) = (settings.read(&["EMAIL_USE_TLS"]), settings.read(&["EMAIL_USE_SSL"]));
    let smtp = settings.read(&["EMAIL_BACKEND"]).text() == Some("django.core.mail.backends.smtp.EmailBackend");
    if smtp && tls.is_truthy() && ssl.is_truthy() {
        let place = django.place(&tls);
        tell(
            findings,
            django,
            &ssl,
            "EMAIL_USE_SSL",
            "EMAIL_USE_TLS and EMAIL_USE_SSL are both on, so that sending a mail fails".to_owned(),
        )
        .help("keep EMAIL_USE_TLS for port 587, or EMAIL_USE_SSL for port 465")
        .related(place, "the other one");
    }
}
