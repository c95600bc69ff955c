//! Claims about the macros that show attached files: whose files they show and to whom.
//!
//! Their examples are run with all others in `tests.rs`.

use grange_wiki::store::Overwrite;
use grange_wiki::{Attach, Author, FileName};

use crate::testing::{TestFarm, Visitor, name, noon};

/// The sign by which a picture is known.
pub(super) const PNG: &[u8] = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR";

/// Attaches a file to a page.
pub(super) async fn attach(farm: &TestFarm, page: &str, file: &str, bytes: &[u8]) {
    let mut upload = farm.wiki.begin_upload(noon()).await.unwrap();
    upload.write(bytes).await.unwrap();
    let attach = Attach {
        page: name(page),
        file: FileName::parse(file).unwrap(),
        upload,
        overwrite: Overwrite::Allowed,
        author: Author::named("Ada"),
        comment: String::new(),
        now: noon(),
    };
    farm.wiki.attach(attach).await.unwrap();
}

async fn shown(text: &str) -> String {
    let farm = TestFarm::with(&[("Front", text), ("Team", "x")]).await;
    attach(&farm, "Team", "plan.txt", b"plan").await;
    attach(&farm, "Team", "rota.png", PNG).await;
    attach(&farm, "Team", "song.ogg", b"OggS\0\x02\0\0\0\xff").await;
    attach(&farm, "Team", "evil.png", b"<svg onload='alert(1)'/>").await;
    assert_eq!(
        farm.holes("Front").await,
        0,
        "public files are part of the kept page"
    );
    farm.show("Front", &mut Visitor::returning()).await
}

#[tokio::test]
async fn a_list_is_narrowed_by_kind_and_by_name() {
    let html = shown("<<AttachList(Team, mime_type=image/)>>").await;
    assert!(
        html.contains("rota.png") && html.contains("evil.png") && !html.contains("plan.txt"),
        "{html}"
    );
    let html = shown("<<AttachList(Team, search_term=^pl.*txt$)>>").await;
    assert!(html.contains("plan.txt") && !html.contains("rota.png"), "{html}");
    assert!(
        html.contains("href=\"/team/Team?action=AttachFile&amp;do=view&amp;target=plan.txt\""),
        "{html}"
    );
    assert!(
        shown("<<AttachList(Team, search_term=()>>")
            .await
            .contains("no regular expression")
    );
}

#[tokio::test]
async fn what_is_shown_is_told_by_the_bytes() {
    let html =
        shown("<<EmbedObject(song.ogg, Team)>> <<EmbedObject(evil.png, Team)>> <<EmbedObject(no.png)>>")
            .await;
    assert!(
        html.contains("<audio src=\"/team/Team?action=AttachFile&amp;do=get&amp;target=song.ogg\" controls"),
        "{html}"
    );
    assert!(
        !html.contains("<img") && html.contains("do=view&amp;target=evil.png"),
        "{html}"
    );
    assert!(
        html.contains("/team/Front?action=AttachFile&amp;rename=no.png"),
        "{html}"
    );
    assert!(
        shown("<<EmbedObject(rota.png, Team, width=0)>>")
            .await
            .contains("must be from 1 to")
    );
    assert!(shown("<<EmbedObject(a/b)>>").await.contains("may not contain"));
}

#[tokio::test]
async fn a_gallery_shows_pictures_and_nothing_else() {
    let html = shown("<<Gallery(Team, 3)>>").await;
    assert_eq!(html.matches("<img").count(), 1, "{html}");
    assert!(
        html.contains("class=\"gallery columns-3\"") && html.contains("do=view&amp;target=rota.png"),
        "{html}"
    );
    assert!(
        shown("<<Gallery(Team, 9)>>")
            .await
            .contains("must be from 1 to 8")
    );
}

#[tokio::test]
async fn a_page_that_may_not_be_read_is_as_if_it_had_no_files() {
    let text = "<<AttachList(Team)>> <<AttachInfo(Team)>> <<Gallery(Team)>> <<EmbedObject(plan.txt, Team)>>";
    let pages = [("Front", text), ("Team", "x")];
    let empty = TestFarm::with(&pages).await;
    let hidden = TestFarm::with_rights("Ada:read", &pages).await;
    attach(&hidden, "Team", "plan.txt", b"plan").await;
    let (empty, hidden) = (
        empty.show("Front", &mut Visitor::returning()).await,
        hidden.show("Front", &mut Visitor::returning()).await,
    );
    assert_eq!(hidden, empty);
    assert!(
        empty.contains("No files.") && empty.contains("no files") && empty.contains("No pictures."),
        "{empty}"
    );
}

#[tokio::test]
async fn macros_follow_the_files() {
    let farm = TestFarm::with(&[("Front", "<<AttachInfo>>")]).await;
    assert!(
        farm.show("Front", &mut Visitor::returning())
            .await
            .contains("no files")
    );
    attach(&farm, "Front", "a.txt", b"a").await;
    assert!(
        farm.show("Front", &mut Visitor::returning())
            .await
            .contains("1 file</a>")
    );
}
