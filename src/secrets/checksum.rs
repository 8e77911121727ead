//! Checksums inside tokens, by which made-up ones are told from real ones without asking anybody.

/// What a token's own checksum says of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Assurance {
    /// It is wrong: nobody has issued this token.
    Refuted,
    /// The format has none.
    Plausible,
    /// It is right.
    Confirmed,
}

/// Checks `token` in the way of that name; see `CHECKSUMS` in `src/rules/page_format/token.rs`.
pub fn check(way: &str, token: &[u8]) -> Assurance {
    match way {
        "github" => github(token),
        // Where the checksum begins is known from others' reading of real tokens alone, so that a miss proves nothing.
        "grafana" => confirmed(grafana(token)),
        "atlassian" => confirmed(atlassian(token)),
        _ => Assurance::Plausible,
    }
}

fn confirmed(right: bool) -> Assurance {
    if right { Assurance::Confirmed } else { Assurance::Plausible }
}

/// GitHub and npm: a prefix up to `_`, 30 random characters, and their CRC-32 in six digits of base 62.
/// Source: <https://github.blog/engineering/platform-security/behind-githubs-new-authentication-token-formats/>
fn github(token: &[u8]) -> Assurance {
    const DIGITS: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    let body = token.iter().position(|byte| *byte == b'_').map(|at| &token[at + 1..]);
    let Some((random, given)) = body.and_then(|body| body.split_at_checked(30)) else { return Assurance::Plausible };
    let mut rest = crc32(random);
    let mut digits = [0; 6];
    for digit in digits.iter_mut().rev() {
        *digit = DIGITS[(rest % 62) as usize];
        rest /= 62;
    }
    if given == digits { Assurance::Confirmed } else { Assurance::Refuted }
}

/// Grafana: eight hexadecimal digits after the last `_`, the CRC-32 of what stands before it.
fn grafana(token: &[u8]) -> bool {
    let Some(at) = token.iter().rposition(|byte| *byte == b'_') else { return false };
    let Some(given) = hexadecimal(&token[at + 1..]) else { return false };
    let sum = crc32(&token[..at]);
    given == sum || given == sum.swap_bytes()
}

/// Atlassian: eight hexadecimal digits at the end, the CRC-32 of what stands before them.
fn atlassian(token: &[u8]) -> bool {
    let Some((body, digits)) = token.len().checked_sub(8).map(|at| token.split_at(at)) else { return false };
    let Some(given) = hexadecimal(digits) else { return false };
    crc32(body) == given || body.strip_suffix(b"=").is_some_and(|body| crc32(body) == given)
}

fn hexadecimal(digits: &[u8]) -> Option<u32> {
    let digits = std::str::from_utf8(digits).ok().filter(|digits| digits.len() == 8)?;
    u32::from_str_radix(digits, 16).ok()
}

/// CRC-32 as zlib, PNG and Ethernet have it. Tokens are short, so bit by bit will do.
fn crc32(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(u32::MAX, |sum, byte| {
        (0..8).fold(sum ^ u32::from(*byte), |sum, _| if sum & 1 == 1 { sum >> 1 ^ 0xEDB8_8320 } else { sum >> 1 })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sum_is_that_of_zlib() {
        assert_eq!(crc32(b"123456789"), 0xCBF4_3926);
        assert_eq!(crc32(b""), 0);
    }

    #[test]
    fn a_wrong_github_checksum_refutes_and_a_short_token_does_not() {
        let body = "q7Tz0HfW3mKc9RbXy2LdVn5JgP8sEa";
        let mut rest = crc32(body.as_bytes());
        let mut digits = String::new();
        for _ in 0..6 {
            let digit = (rest % 62) as u8;
            digits.insert(
                0,
                match digit {
                    0..10 => b'0' + digit,
                    10..36 => b'A' + digit - 10,
                    _ => b'a' + digit - 36,
                } as char,
            );
            rest /= 62;
        }
        let token = format!("ghp_{body}{digits}");
        assert_eq!(check("github", token.as_bytes()), Assurance::Confirmed);
        assert_eq!(check("github", token.replace("q7", "7q").as_bytes()), Assurance::Refuted);
        assert_eq!(check("github", b"ghp_short"), Assurance::Plausible);
        assert_eq!(check("grafana", token.as_bytes()), Assurance::Plausible);
    }
}
