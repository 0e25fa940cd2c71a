//! Reads the issuer of a certificate: as much of X.509 as that needs.
//!
//! It is for messages only; rustls decides whether a certificate is trusted.

use crate::text::sanitize::excerpt;

const SEQUENCE: u8 = 0x30;
const SET: u8 = 0x31;
const OBJECT_ID: u8 = 0x06;
/// The version of a certificate; the oldest ones omit it.
const VERSION: u8 = 0xa0;
const ORGANISATION: [u8; 3] = [0x55, 0x04, 0x0a];
const COMMON_NAME: [u8; 3] = [0x55, 0x04, 0x03];
/// Maximum length of a name, in characters.
const MAX_LENGTH: usize = 100;

/// The issuer of a DER certificate, such as `R3, Let's Encrypt`; `None` if it names none.
pub(crate) fn issuer(certificate: &[u8]) -> Option<String> {
    let (_, certificate, _) = element(certificate)?;
    let (_, mut fields, _) = element(certificate)?;
    if fields.first() == Some(&VERSION) {
        fields = element(fields)?.2;
    }
    // Serial number and signature algorithm come before the issuer.
    for _ in 0..2 {
        fields = element(fields)?.2;
    }
    let (SEQUENCE, name, _) = element(fields)? else { return None };
    let parts: Vec<String> = [COMMON_NAME, ORGANISATION].iter().filter_map(|part| text_of(name, part)).collect();
    (!parts.is_empty()).then(|| parts.join(", "))
}

/// The text of one part of a name.
fn text_of(mut name: &[u8], wanted: &[u8]) -> Option<String> {
    while let Some((tag, mut pairs, rest)) = element(name) {
        name = rest;
        while let Some((SEQUENCE, pair, other_pairs)) = element(pairs).filter(|_| tag == SET) {
            pairs = other_pairs;
            let (OBJECT_ID, id, value) = element(pair)? else { continue };
            if id == wanted {
                let (_, text, _) = element(value)?;
                return Some(excerpt(&String::from_utf8_lossy(text), MAX_LENGTH));
            }
        }
    }
    None
}

/// The first element of a DER value: its tag, its content, and the rest.
fn element(bytes: &[u8]) -> Option<(u8, &[u8], &[u8])> {
    let (&tag, rest) = bytes.split_first()?;
    let (&first, rest) = rest.split_first()?;
    let (length, rest) = match usize::from(first) {
        short @ 0..=0x7f => (short, rest),
        // A length of more than three bytes would be a certificate of 16 MB.
        long @ 0x81..=0x83 => {
            let (digits, rest) = rest.split_at_checked(long - 0x80)?;
            (digits.iter().fold(0, |length, digit| length << 8 | usize::from(*digit)), rest)
        }
        _ => return None,
    };
    let (content, rest) = rest.split_at_checked(length)?;
    Some((tag, content, rest))
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests")]

    use proptest::prelude::*;
    use rcgen::{CertificateParams, DnType, Issuer, KeyPair};

    use super::*;

    fn certificate(name: &[(DnType, &str)]) -> Vec<u8> {
        let mut params = CertificateParams::new([]).unwrap();
        params.distinguished_name = rcgen::DistinguishedName::new();
        for (kind, text) in name {
            params.distinguished_name.push(kind.clone(), *text);
        }
        let authority = Issuer::new(params, KeyPair::generate().unwrap());
        let leaf = CertificateParams::new(["c66.test".to_owned()]).unwrap();
        leaf.signed_by(&KeyPair::generate().unwrap(), &authority).unwrap().der().to_vec()
    }

    #[test]
    fn the_issuer_has_its_name_and_organization() {
        let long = "x".repeat(200);
        for (name, expected) in [
            (&[(DnType::CommonName, "R3"), (DnType::OrganizationName, "Let's Encrypt")][..], Some("R3, Let's Encrypt")),
            (&[(DnType::CountryName, "DE"), (DnType::CommonName, "Zürich\u{1b}[31m")], Some("Zürich")),
            (&[(DnType::OrganizationName, "Acme")], Some("Acme")),
            (&[(DnType::CommonName, &long)], Some("xxxx")),
            (&[(DnType::CountryName, "DE")], None),
            (&[], None),
        ] {
            let found = issuer(&certificate(name));
            match expected {
                Some(expected) => {
                    let found = found.unwrap();
                    assert!(found.starts_with(expected), "{found}");
                    assert!(found.chars().count() <= MAX_LENGTH + 20 && !found.contains('\u{1b}'), "{found}");
                }
                None => assert_eq!(found, None),
            }
        }
    }

    proptest! {
        #[test]
        fn nothing_that_a_server_sends_upsets_it(bytes in prop::collection::vec(any::<u8>(), 0..300), cut in 0..400_usize) {
            let _ = issuer(&bytes);
            let good = certificate(&[(DnType::CommonName, "R3")]);
            let _ = issuer(&good[..cut.min(good.len())]);
        }
    }
}
