//! Forms as a browser or `curl -F` sends them: `multipart/form-data`.

/// The fields of a form; `None` if it is malformed. A file counts as its content.
pub(super) fn fields(content_type: &str, body: &[u8]) -> Option<Vec<(String, String)>> {
    let boundary = attribute(content_type, "boundary").filter(|boundary| !boundary.is_empty())?;
    // The first delimiter begins the body, each other one a line.
    let delimiter = format!("\r\n--{boundary}").into_bytes();
    let mut rest = body.get(find(body, &delimiter[2..])? + delimiter.len() - 2..)?;
    let mut fields = Vec::new();
    while !rest.starts_with(b"--") {
        let part = rest.strip_prefix(b"\r\n")?;
        let end = find(part, &delimiter)?;
        fields.push(field(&part[..end])?);
        rest = &part[end + delimiter.len()..];
    }
    Some(fields)
}

/// Whether a body is such a form.
pub(super) fn is_form(content_type: &str) -> bool {
    let kind = content_type.split(';').next().unwrap_or_default();
    kind.trim().eq_ignore_ascii_case("multipart/form-data")
}

/// The name and the value of a part.
fn field(part: &[u8]) -> Option<(String, String)> {
    let end = find(part, b"\r\n\r\n")?;
    let head = String::from_utf8_lossy(&part[..end]).into_owned();
    let disposition = head.lines().find_map(|line| {
        let (name, value) = line.split_once(':')?;
        name.trim().eq_ignore_ascii_case("content-disposition").then_some(value)
    });
    let name = attribute(disposition?, "name")?;
    Some((name, String::from_utf8_lossy(&part[end + 4..]).into_owned()))
}

/// The value of an attribute of a header, quoted or not.
fn attribute(header: &str, name: &str) -> Option<String> {
    let mut attributes = header.split(';').skip(1).filter_map(|attribute| attribute.trim().split_once('='));
    let (_, value) = attributes.find(|(known, _)| known.eq_ignore_ascii_case(name))?;
    let quoted = value.strip_prefix('"').and_then(|rest| rest.strip_suffix('"'));
    Some(quoted.unwrap_or(value).to_owned())
}

fn find(text: &[u8], wanted: &[u8]) -> Option<usize> {
    text.windows(wanted.len()).position(|window| window == wanted)
}

#[cfg(test)]
mod tests {
    use super::*;

    const BODY: &str = "--x\r\nContent-Disposition: form-data; name=\"key\"\r\n\r\nA\r\n--x\r\n\
                        content-disposition: form-data; name=\"value\"; filename=\"a.txt\"\r\n\
                        Content-Type: text/plain\r\n\r\none\r\ntwo -- three\r\n\r\n--x--\r\n";

    fn read(content_type: &str, body: &str) -> Option<Vec<(String, String)>> {
        fields(content_type, body.as_bytes())
    }

    #[test]
    fn fields_and_files_are_read() {
        let expected = [("key", "A"), ("value", "one\r\ntwo -- three\r\n")];
        let expected = expected.map(|(name, value)| (name.to_owned(), value.to_owned())).to_vec();
        for content_type in ["multipart/form-data; boundary=x", "Multipart/Form-Data; charset=utf-8; Boundary=\"x\""] {
            assert!(is_form(content_type));
            assert_eq!(read(content_type, BODY), Some(expected.clone()), "{content_type}");
        }
        assert_eq!(read("multipart/form-data; boundary=x", "--x--\r\n"), Some(Vec::new()));
    }

    #[test]
    fn a_malformed_form_is_not_read() {
        assert!(!is_form("application/x-www-form-urlencoded") && !is_form(""));
        for (content_type, body) in [
            ("multipart/form-data", BODY),
            ("multipart/form-data; boundary=", BODY),
            ("multipart/form-data; boundary=y", BODY),
            ("multipart/form-data; boundary=x", ""),
            ("multipart/form-data; boundary=x", "--x"),
            ("multipart/form-data; boundary=x", "--x\r\n\r\n\r\nno name\r\n--x--"),
            ("multipart/form-data; boundary=x", &BODY[..BODY.len() - 10]),
        ] {
            assert_eq!(read(content_type, body), None, "{content_type} {body:?}");
        }
    }
}
