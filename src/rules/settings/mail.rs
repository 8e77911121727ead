use super::tell;
use crate::findings::Findings;
use crate::project::deployment::DjangoProcess;
use crate::project::django::classes::SMTP_BACKEND;
use crate::project::settings::is_loopback;
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
    let smtp = settings.read(&["EMAIL_BACKEND"]).text() == Some(SMTP_BACKEND);
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

/// Whether a mail server puts the account's own address in place of the sender that it is given.
fn writes_sender(host: &str) -> bool {
    matches!(host, "smtp.gmail.com" | "smtp.googlemail.com")
}

/// `settings/mail-from-localhost`
pub fn mail_from_localhost(django: &DjangoProcess, _: &Cx<'_>, findings: &mut Findings<'_>) {
    let settings = &django.settings;
    let smtp = settings.read(&["EMAIL_BACKEND"]).text() == Some(SMTP_BACKEND);
    let host = settings.read(&["EMAIL_HOST"]);
    let sends = host.text().is_some_and(|host| host.contains('.') && !is_loopback(host) && !writes_sender(host));
    let from = settings.read(&["DEFAULT_FROM_EMAIL"]);
    if smtp && sends && !settings.debugs() && from.text() == Some("webmaster@localhost") {
        let message = "mail is sent by `webmaster@localhost`, which servers refuse or take for spam";
        tell(findings, django, &host, "DEFAULT_FROM_EMAIL", message.to_owned()).help(
            "set DEFAULT_FROM_EMAIL, and SERVER_EMAIL for mails about errors, to an address of the site's domain",
        );
    }
}
