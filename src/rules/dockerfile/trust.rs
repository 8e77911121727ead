use crate::findings::Findings;
use crate::project::image::trust::{
    Unchecked, passwordless_sudo, piped_downloads, plain_downloads, unchecked, world_writable,
};
use crate::project::usage::{DockerfileUse, StageUse};
use crate::source::Place;

/// `dockerfile/download-tls-off`
pub fn download_tls_off(stage: &StageUse, dockerfile: &DockerfileUse, findings: &mut Findings<'_>) {
    let message = "the download does not check whom it talks to";
    let help = "take `-k`, `--insecure` or `--no-check-certificate` away";
    report(stage, unchecked(stage, dockerfile, Unchecked::Download), message, help, findings);
}

/// `dockerfile/pip-tls-off`
pub fn pip_tls_off(stage: &StageUse, dockerfile: &DockerfileUse, findings: &mut Findings<'_>) {
    let message = "pip trusts an index without checking who it is";
    report(stage, unchecked(stage, dockerfile, Unchecked::Pip), message, "give pip the authority: `--cert`", findings);
}

/// `dockerfile/python-tls-off`
pub fn python_tls_off(stage: &StageUse, dockerfile: &DockerfileUse, findings: &mut Findings<'_>) {
    let message = "Python does not check certificates";
    report(stage, unchecked(stage, dockerfile, Unchecked::Python), message, "take `PYTHONHTTPSVERIFY` away", findings);
}

/// `dockerfile/git-tls-off`
pub fn git_tls_off(stage: &StageUse, dockerfile: &DockerfileUse, findings: &mut Findings<'_>) {
    let message = "Git does not check certificates";
    report(stage, unchecked(stage, dockerfile, Unchecked::Git), message, "set `GIT_SSL_CAINFO` instead", findings);
}

/// `dockerfile/node-tls-off`
pub fn node_tls_off(stage: &StageUse, dockerfile: &DockerfileUse, findings: &mut Findings<'_>) {
    let message = "Node.js or npm does not check certificates";
    report(
        stage,
        unchecked(stage, dockerfile, Unchecked::Node),
        message,
        "set `NODE_EXTRA_CA_CERTS` instead",
        findings,
    );
}

/// `dockerfile/yum-tls-off`
pub fn yum_tls_off(stage: &StageUse, dockerfile: &DockerfileUse, findings: &mut Findings<'_>) {
    let message = "yum does not check the certificate of its repository";
    report(stage, unchecked(stage, dockerfile, Unchecked::Yum), message, "take `sslverify` away", findings);
}

/// `dockerfile/package-signature-off`
pub fn package_signature_off(stage: &StageUse, dockerfile: &DockerfileUse, findings: &mut Findings<'_>) {
    let message = "packages are installed and nobody checks who signed them";
    report(
        stage,
        unchecked(stage, dockerfile, Unchecked::Signature),
        message,
        "install the repository's key",
        findings,
    );
}

/// `dockerfile/http-download`
pub fn http_download(stage: &StageUse, dockerfile: &DockerfileUse, findings: &mut Findings<'_>) {
    report(
        stage,
        plain_downloads(stage, dockerfile),
        "the download goes over plain HTTP",
        "write `https://`",
        findings,
    );
}

/// `dockerfile/download-piped-to-shell`
pub fn download_piped_to_shell(stage: &StageUse, _: &DockerfileUse, findings: &mut Findings<'_>) {
    let help = "download to a file, check its sum, then run it; or copy the program from its image";
    report(stage, piped_downloads(stage), "the build runs what it downloads, unseen", help, findings);
}

/// `dockerfile/world-writable`
pub fn files_world_writable(stage: &StageUse, _: &DockerfileUse, findings: &mut Findings<'_>) {
    if stage.is_kept {
        let message = "every account of the container may write these files";
        let help = "give them to the one that writes: `COPY --chown=…`, `chown`; a script needs `chmod 755` only";
        report(stage, world_writable(stage), message, help, findings);
    }
}

/// `dockerfile/passwordless-sudo`
pub fn sudo_without_password(stage: &StageUse, _: &DockerfileUse, findings: &mut Findings<'_>) {
    if stage.is_kept {
        let message = "`NOPASSWD` lets an account of the image become root without a password";
        let help = "take the line and `sudo` out, or keep them in a stage that only developers build";
        report(stage, passwordless_sudo(stage), message, help, findings);
    }
}

fn report(stage: &StageUse, places: Vec<Place>, message: &str, help: &str, findings: &mut Findings<'_>) {
    for place in places {
        findings.report(place, message).help(help).anchor(format!("stage {}", stage.name));
    }
}
