//! Bytes that are no text, or text of another kind.

use super::*;

#[test]
fn nothing() {
    check_everywhere(b"");
}

#[test]
fn no_text() {
    check_everywhere(b"\x7fELF\x02\x01\x01\0\0\0\0\0\0\0\0\0\x03\0>\0\x01\0\0\0\xff\xfe\xfd\x80\x81\n\n\x00\x01\x02");
    check_everywhere(&(0..=255u8).cycle().take(5_000).collect::<Vec<_>>());
}

#[test]
fn nul() {
    check_everywhere(b"\0");
    check_everywhere(b"FROM a\0b\nservices:\n  a\0: \"\0\"\nA=\0\n\0 = '\0'\n");
}

#[test]
fn sixteen_bits_a_character() {
    for order in [u16::to_le_bytes, u16::to_be_bytes] {
        let text = "\u{feff}FROM python:3.13\nservices:\n  web: {image: x}\nA=1\n";
        check_everywhere(&text.encode_utf16().flat_map(order).collect::<Vec<u8>>());
    }
    // Half a character at the end.
    check_everywhere(b"\xff\xfea\0\n");
    check_everywhere(b"\xff\xfe\x00\xd8");
}

#[test]
fn invalid_utf_8() {
    let report = check_with("compose.prod.yaml", b"services:\n  web:\n    image: caf\xe9:latest\n");
    assert!(
        report.has("file/wrong-encoding", "compose.prod.yaml")
            && report.has("compose/image-latest", "compose.prod.yaml")
    );
    check_everywhere(b"FROM \xc3\x28\nA=\xff\nb: [\xf0\x9f\n'\xed\xa0\x80'\n");
}

#[test]
fn a_byte_order_mark() {
    let report = check_with("compose.prod.yaml", "\u{feff}services:\n  web:\n    image: nginx:latest\n");
    assert!(report.has("compose/image-latest", "compose.prod.yaml"));
    let report = check_with("Dockerfile", "\u{feff}FROM nginx:latest\n");
    assert!(report.has("dockerfile/image-latest", "Dockerfile"));
    check_everywhere("\u{feff}".as_bytes());
}

#[test]
fn ends_of_lines_of_every_kind() {
    for end in ["\r\n", "\r", "\n\r"] {
        let lines = |text: &str| text.replace('\n', end);
        let project = SOUND.iter().map(|(path, text)| (path, lines(text)));
        check(&Repository::new(project));
        check_everywhere(lines("\n\nA=1\nFROM x AS \\\n\nb: |\n  c\n\n").as_bytes());
    }
    let report = check_with("Dockerfile", "FROM nginx:latest\r\nRUN a \\\r\n  b\r\n");
    assert!(report.has("dockerfile/image-latest", "Dockerfile"));
}

#[test]
fn characters_that_are_no_letters() {
    check_everywhere(
        "\u{202e}\u{200b}a\u{301}\u{2028}=\u{85}\u{1f468}\u{200d}\u{1f469}:\u{a0}\u{b}\u{c}\x1b[31m\n".as_bytes(),
    );
}
