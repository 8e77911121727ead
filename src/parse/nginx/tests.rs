use super::{Config, Directive, parse};

fn read(text: &str) -> Config {
    let (config, problems) = parse(text);
    assert!(problems.is_empty(), "{problems:?}");
    config
}

fn shape(directives: &[Directive]) -> String {
    let one = |directive: &Directive| {
        let mut words = vec![directive.name.value.clone()];
        words.extend(directive.args.iter().map(|arg| format!("<{}>", arg.value)));
        match &directive.block {
            Some(block) => format!("{} {{{}}}", words.join(" "), shape(block)),
            None => words.join(" "),
        }
    };
    directives.iter().map(one).collect::<Vec<_>>().join("; ")
}

#[test]
fn directives_arguments_and_blocks() {
    let config = read(
        "user nginx;\nhttp { server { listen 80; # the port\n location / { return 301 https://$host$request_uri; } } }\n",
    );
    assert_eq!(
        shape(&config.directives),
        "user <nginx>; http {server {listen <80>; location </> {return <301> <https://$host$request_uri>}}}"
    );
}

#[test]
fn braces_and_hashes_inside_of_words_are_text() {
    let config = read("server_name ${NAME}.example.org a#b;\nset $x \"a # b { c\";\nrewrite ^/(\\d+)$ /x/$1 last;");
    assert_eq!(
        shape(&config.directives),
        "server_name <${NAME}.example.org> <a#b>; set <$x> <a # b { c>; rewrite <^/(\\d+)$> </x/$1> <last>"
    );
}

#[test]
fn a_brace_ends_a_word() {
    assert_eq!(shape(&read("location /a{return 200;}").directives), "location </a> {return <200>}");
}

#[test]
fn quotes_escapes_and_lines() {
    let config = read("log_format main '$remote_addr \"$request\" '\n   'it\\'s';\nif ($a = \"b\") { return 204; }");
    assert_eq!(
        shape(&config.directives),
        "log_format <main> <$remote_addr \"$request\" > <it's>; if <($a> <=> <b> <)> {return <204>}"
    );
}

#[test]
fn lua_is_passed_over() {
    let config = read("content_by_lua_block { local t = {a = \"}\"} -- }\n ngx.say([[ } ]]) }\nlisten 80;");
    assert_eq!(shape(&config.directives), "content_by_lua_block {}; listen <80>");
}

#[test]
fn templates_have_no_problems() {
    let (config, problems) = parse(
        "server {\n{% if ssl %}\n listen 443 ssl;\n{% else %}\n listen {{ port }};\n{% endif %}\n {{ extra }}\n root /a;\n}",
    );
    assert!(problems.is_empty() && config.templated);
    assert_eq!(shape(&config.directives), "server {listen <443> <ssl>; listen <{{ port }}>; root </a>}");
    let (config, problems) = parse("listen <%= ENV['PORT'] %>;\n<% if x %>\nserver {\n<% end %>\n");
    assert!(problems.is_empty() && config.templated);
    assert_eq!(shape(&config.directives), "listen <<%= ENV['PORT'] %>>; server {}");
    assert!(!read("server {# the site\n listen 80;\n}").templated);
}

#[test]
fn what_nginx_refuses_is_told_and_the_rest_is_read() {
    for (text, message) in [
        ("listen 80", "`listen` is not ended by `;`"),
        ("server { listen 80 }", "`listen` is not ended by `;`"),
        ("server { listen 80;", "the block of `server` is not closed"),
        ("listen 80; }", "`}` closes no block"),
        ("; listen 80;", "`;` without a directive before it"),
        ("{ listen 80; }", "`{` without a directive before it"),
        ("root \"/a;\nlisten 80;", "this quote is not closed"),
        ("root \"/a\"b;", "a space is missing after the quoted text"),
    ] {
        let (_, problems) = parse(text);
        assert_eq!(problems[0].message, message, "{text}");
    }
}

#[test]
fn hostile_input_is_bounded() {
    let deep = "a {".repeat(200_000);
    let (config, problems) = parse(&deep);
    assert!(!problems.is_empty() && config.directives.len() == 1);
    let closed = format!("{}{}listen 80;", "a {".repeat(1_000), "}".repeat(1_000));
    assert_eq!(parse(&closed).0.directives.last().map(|last| last.name.value.clone()), Some("listen".to_owned()));
    for text in ["\\", "\"\\", "a_by_lua_block { '\\", "{{", "{% ", "é{\\é", "\u{feff}listen 80;", "x_by_lua_block {[["]
    {
        let (config, problems) = parse(text);
        for span in config.directives.iter().map(Directive::span).chain(problems.iter().map(|problem| problem.span)) {
            assert!(text.get(span.range()).is_some(), "{text} {span:?}");
        }
    }
}
