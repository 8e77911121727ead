//! What a health check asks of the server in its own container.

use crate::parse::shell::Word;
use crate::project::command::{Flags, Invocation, Syntax};

/// A request that a health check makes to its own container.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ask {
    /// The host as written: `localhost`, `127.0.0.1`.
    pub host: String,
    /// The port.
    pub port: u16,
    /// Whether it asks by TLS.
    pub tls: bool,
    /// What it says that it asks for: a `Host` header of its own.
    pub host_header: bool,
    /// Whether it says that the client came by HTTPS.
    pub scheme_header: bool,
    /// Whether an answer of 400 or more makes it fail.
    pub fails_on_errors: bool,
    /// Whether it goes where a redirect sends it.
    pub follows: bool,
}

const CURL: Syntax = Syntax::valued(&[
    "-H",
    "--header",
    "-o",
    "--output",
    "-m",
    "--max-time",
    "--connect-timeout",
    "--retry",
    "--retry-delay",
    "--retry-max-time",
    "-w",
    "--write-out",
    "-X",
    "--request",
    "-d",
    "--data",
    "-A",
    "--user-agent",
    "-u",
    "--user",
    "--unix-socket",
    "--resolve",
    "-b",
    "--cookie",
    "-e",
    "--referer",
    "--cacert",
    "--url",
]);

/// The request of a health check's command to its own container, where it is one and all of it is known.
pub fn asks(command: &Invocation) -> Option<Ask> {
    match command.program.as_str() {
        "curl" => by_curl(&command.flags(&CURL)),
        "wget" => {
            let words = command.arguments();
            let url = words.iter().find_map(|word| word.literal().filter(|text| is_address(text)))?;
            let mut ask = read(&url)?;
            header(&mut ask, words.iter());
            Some(Ask { fails_on_errors: true, follows: true, ..ask })
        }
        name if name.starts_with("python") => {
            let code = command.words.windows(2).find(|pair| pair[0].is("-c"))?[1].literal()?;
            // `requests.get` and its kin need a word more to fail; a request that is made by hand may have headers.
            if !code.contains("urlopen(") || code.contains("Request(") || code.contains("except") {
                return None;
            }
            let start = code.find("http://").or_else(|| code.find("https://"))?;
            let url: String = code[start..].chars().take_while(|c| !matches!(c, '\'' | '"' | ')' | ' ')).collect();
            Some(Ask { fails_on_errors: true, follows: true, ..read(&url)? })
        }
        _ => None,
    }
}

fn by_curl(flags: &Flags) -> Option<Ask> {
    let by_flag = flags.value(&["--url"]).and_then(Word::literal);
    let url = by_flag.or_else(|| flags.arguments.iter().find_map(|word| word.literal().filter(|it| is_address(it))))?;
    if flags.has(&["--unix-socket", "--resolve", "-K", "--config"]) {
        return None;
    }
    let mut ask = read(&url)?;
    header(&mut ask, flags.values(&["-H", "--header"]).iter());
    // What is written out is looked at by somebody.
    let looked_at = flags.has(&["-w", "--write-out", "-i", "--include", "-I", "--head"]);
    ask.fails_on_errors = flags.has(&["-f", "--fail", "--fail-with-body"]) || looked_at;
    ask.follows = flags.has(&["-L", "--location"]);
    Some(ask)
}

fn header<'w>(ask: &mut Ask, words: impl Iterator<Item = &'w Word>) {
    for word in words {
        let text = word.text().to_ascii_lowercase().replace(['"', '\''], "");
        let value = text.strip_prefix("--header=").unwrap_or(&text);
        ask.host_header |= value.starts_with("host:") && !value.contains("//");
        ask.scheme_header |= text.contains("x-forwarded-proto") || text.contains("x-forwarded-ssl");
    }
}

fn is_address(text: &str) -> bool {
    let rest = text.strip_prefix("http://").or_else(|| text.strip_prefix("https://")).unwrap_or(text);
    ["localhost", "127.0.0.1", "0.0.0.0"].iter().any(|host| rest.starts_with(host))
}

/// Reads an address of the own container.
fn read(url: &str) -> Option<Ask> {
    if !is_address(url) || url.contains(['$', '{']) {
        return None;
    }
    let tls = url.starts_with("https://");
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    let authority = rest.split(['/', '?', '#']).next()?;
    let (host, port) = match authority.split_once(':') {
        Some((host, port)) => (host, port.parse().ok()?),
        None => (authority, if tls { 443 } else { 80 }),
    };
    Some(Ask {
        host: host.to_owned(),
        port,
        tls,
        host_header: false,
        scheme_header: false,
        fails_on_errors: false,
        follows: false,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::parse::shell;
    use crate::project::command::script_invocations;
    use crate::source::Fragment;

    fn asked(line: &str) -> Option<Ask> {
        asks(&script_invocations(&shell::parse(&Fragment::verbatim(line, 0)).0)[0])
    }

    #[test]
    fn requests_are_read() {
        let ask = asked("curl -fsS http://localhost:8000/health/").unwrap();
        assert!(ask.port == 8000 && ask.fails_on_errors && !ask.follows && ask.host == "localhost");
        assert!(!asked("curl localhost").unwrap().fails_on_errors);
        assert!(asked("curl -fL -H 'Host: a.example' http://127.0.0.1/").unwrap().host_header);
        let wget = asked("wget -qO /dev/null http://localhost:8080/x").unwrap();
        assert!(wget.port == 8080 && !wget.host_header);
        assert!(asked("wget --header='Host: a.example' http://localhost:8080/x").unwrap().host_header);
        let python = r#"python -c "import urllib.request as r; r.urlopen('http://localhost:8000/x')""#;
        assert_eq!(asked(python).unwrap().port, 8000);
    }

    #[test]
    fn what_is_elsewhere_or_unknown_is_not() {
        for line in [
            "curl -f http://web:8000/",
            "curl -f http://localhost:$PORT/",
            "curl --unix-socket /run/x.sock http://localhost/",
            "pg_isready -h localhost",
            "python -c \"import requests; requests.get('http://localhost:8000')\"",
        ] {
            assert_eq!(asked(line), None, "{line}");
        }
    }
}
