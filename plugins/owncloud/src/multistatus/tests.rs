//! Documents in the shapes that real servers send, and ones that no server should.

use tenon_sdk::Kind;

use super::*;

#[derive(Debug, PartialEq)]
struct Seen(String, bool, Option<u64>, Option<String>);

fn seen(document: &str) -> Vec<Seen> {
    let responses = parse(document.as_bytes()).unwrap();
    let seen = responses
        .into_iter()
        .map(|Response { segments, resource }| {
            assert_eq!(segments.last().cloned().unwrap_or_default(), resource.name);
            Seen(
                segments.join("/"),
                resource.folder,
                resource.size,
                resource.etag,
            )
        });
    seen.collect()
}

fn file(path: &str, size: u64, etag: &str) -> Seen {
    Seen(path.to_owned(), false, Some(size), Some(etag.to_owned()))
}

fn folder(path: &str, etag: &str) -> Seen {
    Seen(path.to_owned(), true, None, Some(etag.to_owned()))
}

#[test]
fn owncloud() {
    let document = r#"<?xml version="1.0"?>
<d:multistatus xmlns:d="DAV:" xmlns:s="http://sabredav.org/ns" xmlns:oc="http://owncloud.org/ns"><d:response><d:href>/remote.php/webdav/Docs/</d:href><d:propstat><d:prop><d:getlastmodified>Tue, 03 Mar 2020 10:20:30 GMT</d:getlastmodified><d:resourcetype><d:collection/></d:resourcetype><d:quota-used-bytes>12</d:quota-used-bytes><d:getetag>&quot;5e5e2f0e&quot;</d:getetag></d:prop><d:status>HTTP/1.1 200 OK</d:status></d:propstat></d:response><d:response><d:href>/remote.php/webdav/Docs/b%20c%20%25%23%3f.txt</d:href><d:propstat><d:prop><d:getcontentlength>12</d:getcontentlength><d:resourcetype/><d:getetag>&quot;aa&quot;</d:getetag><d:getcontenttype>text/plain</d:getcontenttype></d:prop><d:status>HTTP/1.1 200 OK</d:status></d:propstat><d:propstat><d:prop><d:quota-used-bytes/></d:prop><d:status>HTTP/1.1 404 Not Found</d:status></d:propstat></d:response></d:multistatus>"#;
    assert_eq!(
        seen(document),
        [
            folder("remote.php/webdav/Docs", "\"5e5e2f0e\""),
            file("remote.php/webdav/Docs/b c %#?.txt", 12, "\"aa\""),
        ]
    );
}

#[test]
fn nextcloud_with_properties_that_are_missing_first() {
    let document = r#"<?xml version="1.0"?>
<d:multistatus xmlns:d="DAV:" xmlns:nc="http://nextcloud.org/ns" xmlns:oc="http://owncloud.org/ns">
 <d:response>
  <d:href>/remote.php/dav/files/al%40ice/%C3%BCber/</d:href>
  <d:propstat>
   <d:status>HTTP/1.1 404 Not Found</d:status>
   <d:prop><d:getcontentlength>77</d:getcontentlength><nc:x/></d:prop>
  </d:propstat>
  <d:propstat>
   <d:prop><d:getetag>"e1"</d:getetag><d:resourcetype> <d:collection /> </d:resourcetype><oc:getcontentlength>5</oc:getcontentlength></d:prop>
   <d:status>HTTP/1.1 200 OK</d:status>
  </d:propstat>
 </d:response>
</d:multistatus>"#;
    assert_eq!(
        seen(document),
        [folder("remote.php/dav/files/al@ice/\u{fc}ber", "\"e1\"")]
    );
}

#[test]
fn apache() {
    let document = r#"<?xml version="1.0" encoding="utf-8"?>
<D:multistatus xmlns:D="DAV:" xmlns:ns0="DAV:">
<D:response xmlns:lp1="DAV:" xmlns:lp2="http://apache.org/dav/props/">
<D:href>/dav/a%26b.txt</D:href>
<D:propstat>
<D:prop>
<lp1:resourcetype/>
<lp1:creationdate>2024-01-02T03:04:05Z</lp1:creationdate>
<lp1:getcontentlength>0</lp1:getcontentlength>
<lp1:getetag>"0-60e"</lp1:getetag>
<lp2:executable>F</lp2:executable>
<D:supportedlock>
<D:lockentry><D:lockscope><D:exclusive/></D:lockscope><D:locktype><D:write/></D:locktype></D:lockentry>
</D:supportedlock>
<D:lockdiscovery/>
</D:prop>
<D:status>HTTP/1.1 200 OK</D:status>
</D:propstat>
</D:response>
</D:multistatus>"#;
    assert_eq!(seen(document), [file("dav/a&b.txt", 0, "\"0-60e\"")]);
}

#[test]
fn rclone_and_other_ways_to_write_the_same() {
    // Go's library repeats the namespace; others make it the default, use CDATA or whole URLs.
    let document = r#"<?xml version="1.0" encoding="UTF-8"?><D:multistatus xmlns:D="DAV:"><D:response><D:href>/a%20b/</D:href><D:propstat><D:prop><D:resourcetype><D:collection xmlns:D="DAV:"/></D:resourcetype><D:getetag>W/"1"</D:getetag></D:prop><D:status>HTTP/1.1 200 OK</D:status></D:propstat></D:response></D:multistatus>"#;
    assert_eq!(seen(document), [folder("a b", "W/\"1\"")]);
    let document = "<multistatus xmlns=\"DAV:\"><!-- x --><response><href>\n http://c.example/<![CDATA[x&y]]>&#47;&amp;z \n</href><propstat>\
         <prop><getcontentlength> 7 </getcontentlength><getetag>e</getetag></prop><status>HTTP/2 200</status></propstat></response></multistatus>";
    assert_eq!(seen(document), [file("x&y/&z", 7, "e")]);
}

#[test]
fn what_failed_or_cannot_be_named_is_left_out() {
    let document = r#"<d:multistatus xmlns:d="DAV:"><d:response><d:href>/gone</d:href><d:status>HTTP/1.1 404 Not Found</d:status></d:response><d:response><d:href>/%FF%FE</d:href></d:response><d:response/><d:response><d:href>/bare</d:href></d:response></d:multistatus>"#;
    assert_eq!(seen(document), [Seen("bare".to_owned(), false, None, None)]);
}

#[test]
fn elements_count_only_where_they_belong() {
    let document = r#"<d:multistatus xmlns:d="DAV:" xmlns:x="other"><x:response><d:href>/no</d:href></x:response><d:response><d:href>/yes</d:href><d:href>/second</d:href><d:propstat><d:prop><x:resourcetype><d:collection/></x:resourcetype><d:displayname><d:getetag>no</d:getetag></d:displayname></d:prop><d:status>HTTP/1.1 200 OK</d:status></d:propstat></d:response></d:multistatus>"#;
    assert_eq!(seen(document), [Seen("yes".to_owned(), false, None, None)]);
}

#[test]
fn malformed_documents_are_refused() {
    for document in [
        "",
        "not xml",
        "<html><body>Login</body></html>",
        "<d:multistatus xmlns:d='DAV:'><d:response>",
        "<d:multistatus xmlns:d='DAV:'><d:response></d:multistatus>",
        "<d:multistatus xmlns:d='DAV:'><d:response><d:href>&evil;</d:href></d:response></d:multistatus>",
        "<d:multistatus xmlns:d='DAV:'><d:response><d:href>/a</d:hr",
        "<multistatus><response/></multistatus>",
        "<d:multistatus><d:response/></d:multistatus>",
    ] {
        assert_eq!(
            parse(document.as_bytes()).unwrap_err().kind(),
            Kind::Unavailable,
            "{document}"
        );
    }
    assert_eq!(
        parse(b"<a>\xff\xfe</a>".as_slice()).unwrap_err().kind(),
        Kind::Unavailable
    );
}

#[test]
fn an_endless_document_is_refused() {
    let head = b"<d:multistatus xmlns:d='DAV:'>".as_slice();
    let error = parse(head.chain(std::io::repeat(b' '))).unwrap_err();
    assert!(error.message().contains("too long"), "{error}");
}

#[test]
fn entities_are_not_expanded() {
    let document = "<!DOCTYPE a [<!ENTITY b 'bbbb'><!ENTITY c '&b;&b;'>]>\
         <d:multistatus xmlns:d='DAV:'><d:response><d:href>&c;</d:href></d:response></d:multistatus>";
    assert!(parse(document.as_bytes()).is_err());
}
