//! How questions about cases are put: every one of them goes through [`answer`], which says who asks and records what
//! was shown before it is shown.

use crate::http::App;
use crate::http::problem::Problem;
use crate::http::query::Query as Parameters;
use crate::policy::model::Company;
use crate::service::ask::{Asked, Question};
use crate::service::writer::{PostError, Request};
use crate::service::{Live, ServiceError};
use axum::body::{Body, to_bytes};
use axum::extract::Query;
use axum::http::{HeaderName, HeaderValue};
use axum::response::{IntoResponse, Response};
use std::sync::Arc;
use tokio::sync::oneshot;

/// The header with the content hash of the policies that an answer is by.
const POLICIES: HeaderName = HeaderName::from_static("guicheng-policies");

/// How often an answer is worked out anew because other policies began to serve meanwhile, before they are kept waiting for it.
const MAX_TRIES: u32 = 2;

/// The parameters of a request.
pub(super) type Pairs = Query<Vec<(String, String)>>;

/// Answers a question about a company's cases. `what` names the question for whoever reads later who was shown what.
/// Takes `as_of`, `known_at` and `viewer`; `answer` takes what else it knows, and finishes the parameters.
pub(super) async fn answer<F>(
    app: App,
    company: &str,
    what: &str,
    Query(pairs): Pairs,
    answer: F,
) -> Result<Response, Problem>
where
    F: FnOnce(&Live, &Question<'_>, Parameters) -> Result<Response, Problem> + Clone,
{
    let live = app.live(company)?;
    let mut tries = 0;
    let (response, reads) = loop {
        let mut query = Parameters::new(pairs.clone());
        let _steady = (tries == MAX_TRIES).then(|| live.steady.read());
        let company = live.company();
        let as_of = query.instant("as_of", company.zone)?;
        let known_at = query.instant("known_at", company.zone)?;
        let viewer = viewer(&company, &mut query)?;
        let asked = Asked {
            as_of,
            known_at,
            viewer: viewer.as_deref(),
        };
        let question = Question::new(&app.shared, &live, asked);
        // What is refused may tell of a case too, such as what its notice lacks.
        let mut response = answer.clone()(&live, &question, query).unwrap_or_else(IntoResponse::into_response);
        // Where other policies began to serve meanwhile, a part of the answer may be by them: it is asked for again, at last with
        // the policies held still.
        tries += 1;
        if tries > MAX_TRIES || Arc::ptr_eq(&company, &live.company()) {
            if let Ok(hash) = HeaderValue::from_str(&company.hash) {
                response.headers_mut().insert(POLICIES, hash);
            }
            break (response, question.into_reads());
        }
    };
    if reads.is_empty() {
        return Ok(response);
    }
    let (parts, body) = response.into_parts();
    let unreadable = |_| ServiceError::Stopped("an answer could not be written".to_owned());
    let body = to_bytes(body, usize::MAX).await.map_err(unreadable)?;
    let company = reads.company();
    let shown = reads.shown(&String::from_utf8_lossy(&body), what, app.shared.clock.now());
    if !shown.is_empty() {
        let (sender, receiver) = oneshot::channel::<Result<(), PostError>>();
        let reply = Box::new(move |result| drop(sender.send(result)));
        let reads = shown;
        app.mailbox.send(Request::Reads { company, reads, reply })?;
        let gone = |_| ServiceError::Stopped("the writer has stopped".to_owned());
        receiver.await.map_err(gone)??;
    }
    Ok(Response::from_parts(parts, Body::from(body)))
}

/// Who asks: a person of the company.
fn viewer(company: &Company, query: &mut Parameters) -> Result<Option<String>, Problem> {
    let Some(viewer) = query.take("viewer") else {
        return Ok(None);
    };
    if company.people.iter().any(|p| *p.id == *viewer) {
        return Ok(Some(viewer));
    }
    let known: Vec<&str> = company.people.iter().map(|p| p.id.as_ref()).collect();
    let message = format!("`{viewer}` is not known; there are {}", known.join(", "));
    let parameter = "viewer";
    Err(ServiceError::BadQuestion { parameter, message }.into())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::Clock;
    use crate::policy::compile;
    use crate::service::load;
    use crate::{domain::zone::Instant, files};
    use axum::http::StatusCode;
    use std::path::Path;
    use std::sync::atomic::{AtomicI64, AtomicU32, Ordering};

    /// Other policies begin to serve in the midst of every try that lets them.
    #[tokio::test]
    async fn an_answer_that_is_overtaken_each_time_holds_the_policies_still_at_last() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR"));
        let folders = files::read_policies(&root.join("policies"), &root.join("scripts")).unwrap();
        let folder = folders.iter().find(|folder| folder.id == "fuheng").unwrap();
        let data = std::env::temp_dir().join(format!("guicheng-asked-{}", std::process::id()));
        let clock = Clock::Set(Arc::new(AtomicI64::new(1_772_409_600_000)));
        let (writer, shared, _) = load::open(&data, clock, std::slice::from_ref(folder)).unwrap();
        let (mailbox, _) = writer.start().unwrap();
        let app = App {
            shared,
            mailbox,
            policies: root.join("policies"),
            scripts: root.join("scripts"),
        };
        let (tries, live) = (AtomicU32::new(0), app.live("fuheng").unwrap());
        let pairs = Query(Vec::new());
        let response = answer(app, "fuheng", "test", pairs, |live, _, query| {
            query.finish(&[])?;
            let n = tries.fetch_add(1, Ordering::SeqCst);
            if let Some(_nobody) = live.steady.try_write() {
                let company = Company {
                    hash: format!("version {n}").into(),
                    ..compile(folder).company.unwrap()
                };
                live.world.write().take_up(0, Instant::UNIX_EPOCH, Arc::new(company));
            }
            Ok(StatusCode::OK.into_response())
        });
        let response = response.await.unwrap_or_else(IntoResponse::into_response);
        assert_eq!(tries.load(Ordering::SeqCst), MAX_TRIES + 1);
        assert_eq!(response.headers()[POLICIES], *live.company().hash);
        assert_eq!(*live.company().hash, *format!("version {}", MAX_TRIES - 1));
        std::fs::remove_dir_all(&data).unwrap();
    }
}
