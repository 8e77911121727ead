//! Who signed a certificate, as far as it takes to tell one that the project made for itself.

/// The issuer and the subject of the first certificate in PEM, as they are encoded; `None` where there is none that can
/// be read. See [RFC 5280](https://www.rfc-editor.org/rfc/rfc5280#section-4.1).
pub fn names(text: &str) -> Option<(Vec<u8>, Vec<u8>)> {
    let (_, rest) = text.split_once("-----BEGIN CERTIFICATE-----")?;
    let (body, _) = rest.split_once("-----END CERTIFICATE-----")?;
    let bytes = decoded(body)?;
    let (_, certificate, _) = element(&bytes)?;
    let (_, mut fields, _) = element(certificate)?;
    // The version may be left out; serial number and algorithm come before the issuer, the validity before the subject.
    if element(fields)?.0 == 0xa0 {
        fields = element(fields)?.2;
    }
    let after_serial = element(fields)?.2;
    let (_, issuer, validity) = element(element(after_serial)?.2)?;
    let (_, subject, _) = element(element(validity)?.2)?;
    Some((issuer.to_vec(), subject.to_vec()))
}

/// The first element of DER: its tag, what it holds, and what comes after it.
fn element(bytes: &[u8]) -> Option<(u8, &[u8], &[u8])> {
    let (tag, rest) = bytes.split_first()?;
    let (first, rest) = rest.split_first()?;
    let (length, rest) = match first {
        short @ 0..=0x7f => (usize::from(*short), rest),
        long @ 0x81..=0x83 => {
            let (digits, rest) = rest.split_at_checked(usize::from(long - 0x80))?;
            (digits.iter().fold(0, |length, digit| length << 8 | usize::from(*digit)), rest)
        }
        _ => return None,
    };
    let (holds, after) = rest.split_at_checked(length)?;
    Some((*tag, holds, after))
}

/// Base64 with white space in it.
fn decoded(text: &str) -> Option<Vec<u8>> {
    let mut bytes = Vec::with_capacity(text.len() / 4 * 3);
    let (mut bits, mut count) = (0_u32, 0);
    for letter in text.bytes().filter(|letter| !letter.is_ascii_whitespace() && *letter != b'=') {
        let value = match letter {
            b'A'..=b'Z' => letter - b'A',
            b'a'..=b'z' => letter - b'a' + 26,
            b'0'..=b'9' => letter - b'0' + 52,
            b'+' => 62,
            b'/' => 63,
            _ => return None,
        };
        bits = bits << 6 | u32::from(value);
        count += 6;
        if count >= 8 {
            count -= 8;
            bytes.push((bits >> count & 0xff) as u8);
        }
    }
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// An element of DER.
    fn der(tag: u8, parts: &[Vec<u8>]) -> Vec<u8> {
        let holds = parts.concat();
        assert!(holds.len() < 128);
        [vec![tag, holds.len() as u8], holds].concat()
    }

    fn pem(bytes: &[u8]) -> String {
        const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
        let mut text = String::new();
        for three in bytes.chunks(3) {
            let at = |index: usize| u32::from(three.get(index).copied().unwrap_or(0));
            let bits = at(0) << 16 | at(1) << 8 | at(2);
            for digit in 0..=three.len() {
                text.push(char::from(DIGITS[(bits >> (18 - 6 * digit) & 63) as usize]));
            }
        }
        format!("-----BEGIN CERTIFICATE-----\n{text}\n-----END CERTIFICATE-----\n")
    }

    #[test]
    fn the_names_are_found() {
        let name = |text: &str| der(0x30, &[der(0x0c, &[text.as_bytes().to_vec()])]);
        let version = der(0xa0, &[der(0x02, &[vec![2]])]);
        let (serial, algorithm, validity) = (der(0x02, &[vec![7]]), der(0x30, &[]), der(0x30, &[]));
        for version in [Some(version), None] {
            let fields = [serial.clone(), algorithm.clone(), name("us"), validity.clone(), name("school")];
            let fields: Vec<Vec<u8>> = version.into_iter().chain(fields).collect();
            let text = pem(&der(0x30, &[der(0x30, &fields)]));
            let (issuer, subject) = names(&text).unwrap();
            assert_eq!((issuer.ends_with(b"us"), subject.ends_with(b"school")), (true, true));
        }
    }

    #[test]
    fn anything_else_has_none() {
        for text in ["", "-----BEGIN CERTIFICATE-----\n!\n-----END CERTIFICATE-----", "-----BEGIN CERTIFICATE-----"] {
            assert_eq!(names(text), None);
        }
        for length in 0..12 {
            assert_eq!(names(&pem(&vec![0x30; length])), None);
        }
    }
}
