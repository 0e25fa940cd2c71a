//! From names to ids: what people call an organization, a user, an environment or a connection.

use crate::cloudmc::endpoints::{
    CONNECTIONS_LIST, CONNECTIONS_SHOW, ENVIRONMENTS_LIST, ENVIRONMENTS_SHOW, ORGANIZATIONS_LIST,
};
use crate::cloudmc::{CloudMc, is_uuid, request};
use crate::error::{Error, Kind, Result};
use crate::http::Request;
use crate::http::document::Document;
use crate::http::endpoint::Endpoint;
use crate::http::fields::Fields;
use crate::resource::find::named::{ItemNames, LookupLabels, NameMatch, choose_matching};

/// One thing with what it may be called.
#[derive(Clone, Debug)]
pub(super) struct NamedItem {
    pub(super) id: String,
    /// What people call it, for messages.
    label: String,
    others: Vec<String>,
    pub(super) document: Document,
}

impl NamedItem {
    /// A thing that the fields of `names` name besides its id.
    pub(super) fn of(document: Document, names: &[&str]) -> Result<Self> {
        let fields: Fields = document.view()?;
        let others: Vec<String> = names.iter().filter_map(|name| fields.text(name)).collect();
        let label = others.first().cloned().unwrap_or_default();
        // Some types have no id; then the name is it.
        let id = fields.text("id").or_else(|| others.first().cloned()).unwrap_or_default();
        Ok(Self { id, label, others, document })
    }
}

/// Nouns for messages about what the key may see of the installation.
pub(super) const fn lookup_labels(singular: &'static str, plural: &'static str) -> LookupLabels<'static> {
    LookupLabels { singular, plural, owner: "this CloudMC" }
}

/// The one that is meant, by id or by a name.
pub(super) fn choose(
    lookup_labels: LookupLabels<'_>,
    known: &[NamedItem],
    wanted: &str,
    name_match: NameMatch,
) -> Result<NamedItem> {
    choose_matching(name_match, lookup_labels, known, wanted, |one| ItemNames {
        id: &one.id,
        label: one.label.clone(),
        others: one.others.iter().map(String::as_str).collect(),
    })
    .cloned()
}

/// Everything that `endpoint` lists, with what it may be called.
pub(super) async fn all(client: &CloudMc, endpoint: &'static Endpoint, names: &[&str]) -> Result<Vec<NamedItem>> {
    let rows = client.fetch_all(&with_organization_filter(client, request(endpoint, &[])?, endpoint)).await?;
    rows.into_iter().map(|row| NamedItem::of(row, names)).collect()
}

/// The request with the filter that its operation documents for an organization, beside `org_id`.
pub(crate) fn with_organization_filter(client: &CloudMc, mut request: Request, endpoint: &Endpoint) -> Request {
    let filter = ["organizationId", "organization_id"].into_iter().find(|name| endpoint.param(name).is_some());
    if let (Some(filter), Some(organization)) = (filter, client.organization()) {
        request.query.push((filter.to_owned(), organization.to_owned()));
    }
    request
}

/// The organization that is meant: UUID, entry point or name.
pub(super) async fn organization(client: &CloudMc, wanted: &str) -> Result<NamedItem> {
    let known = all(client, &ORGANIZATIONS_LIST, &["entryPoint", "name"]).await?;
    choose(lookup_labels("organization", "organizations"), &known, wanted, NameMatch::Folded)
}

/// The connection that is meant: UUID, service code or name.
pub(crate) async fn connection(client: &CloudMc, wanted: &str) -> Result<Document> {
    if is_uuid(wanted) {
        return client.fetch(&request(&CONNECTIONS_SHOW, &[("id", wanted)])?).await;
    }
    let known = all(client, &CONNECTIONS_LIST, &["serviceCode", "name"]).await?;
    Ok(choose(lookup_labels("connection", "connections"), &known, wanted, NameMatch::Folded)?.document)
}

/// An environment with the code of its service.
#[derive(Clone, Debug)]
pub(crate) struct Environment {
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) service: String,
    /// UUID of the connection to that service, where the API tells it.
    pub(crate) connection: Option<String>,
    /// Type of that service, where the API tells it.
    pub(crate) kind: Option<String>,
    /// How messages call it: `SERVICE/NAME`.
    pub(crate) label: String,
    pub(super) state: Option<String>,
}

/// The environment that is meant: UUID, name, or `SERVICE/NAME`.
pub(super) async fn environment(client: &CloudMc, wanted: &str, name_match: NameMatch) -> Result<Environment> {
    if is_uuid(wanted) {
        let document = client.fetch(&request(&ENVIRONMENTS_SHOW, &[("id", wanted)])?).await?;
        let mut found = with_service_codes(client, vec![document]).await?;
        return found.pop().ok_or_else(|| Error::internal("an environment was lost"));
    }
    let environments = environments(client).await?;
    choose_matching(name_match, lookup_labels("environment", "environments"), &environments, wanted, |one| ItemNames {
        id: &one.id,
        label: one.label.clone(),
        others: vec![&one.name, &one.label],
    })
    .cloned()
}

/// Every environment that the key may see.
pub(crate) async fn environments(client: &CloudMc) -> Result<Vec<Environment>> {
    with_service_codes(client, client.fetch_all(&request(&ENVIRONMENTS_LIST, &[])?).await?).await
}

/// The environments of some documents. Where those leave out the code of the service, the connections tell it.
async fn with_service_codes(client: &CloudMc, documents: Vec<Document>) -> Result<Vec<Environment>> {
    let mut environments = Vec::new();
    let mut connections: Option<Vec<NamedItem>> = None;
    for document in documents {
        let fields: Fields = document.view()?;
        let connection = fields.object("serviceConnection");
        let mut code = connection.text("serviceCode");
        if code.is_none() && connections.is_none() {
            connections = Some(codes(client).await?);
        }
        if code.is_none() {
            let known = connections.iter().flatten().find(|known| Some(&known.id) == connection.text("id").as_ref());
            code = known.map(|known| known.label.clone());
        }
        let service = code.unwrap_or_default();
        let name = fields.text("name").unwrap_or_default();
        environments.push(Environment {
            id: fields.text("id").unwrap_or_default(),
            label: format!("{service}/{name}"),
            name,
            service,
            connection: connection.text("id"),
            kind: connection.text("type"),
            state: fields.text("state"),
        });
    }
    Ok(environments)
}

/// The connections by their codes. Who may not see them may see the environments all the same.
async fn codes(client: &CloudMc) -> Result<Vec<NamedItem>> {
    match all(client, &CONNECTIONS_LIST, &["serviceCode"]).await {
        Err(error) if error.kind() == Kind::ScopeMissing => Ok(Vec::new()),
        known => known,
    }
}

/// The one row of a list that is meant by an id or name that the API itself did not know: the name as it stands, then the id,
/// then both whatever their case.
pub(super) fn row(rows: Vec<Document>, kind: &str, owner: &str, wanted: &str) -> Result<NamedItem> {
    let known = rows.into_iter().map(|row| NamedItem::of(row, &["name"])).collect::<Result<Vec<_>>>()?;
    let is = |given: &str, same_case: bool| {
        if same_case { given == wanted } else { given.to_lowercase() == wanted.to_lowercase() }
    };
    for same_case in [true, false] {
        let by_name: Vec<&NamedItem> = known.iter().filter(|one| is(&one.label, same_case)).collect();
        let by_id: Vec<&NamedItem> = known.iter().filter(|one| is(&one.id, same_case)).collect();
        match if by_name.is_empty() { by_id } else { by_name }.as_slice() {
            [] => {}
            [one] => return Ok((*one).clone()),
            several => {
                let listed: Vec<String> = several.iter().map(|one| format!("{}  {}", one.label, one.id)).collect();
                return Err(Error::usage(format!("`{wanted}` stands for {} {kind}", several.len()))
                    .cause(listed.join("\n"))
                    .hint("name one by its id, which stands last"));
            }
        }
    }
    choose(LookupLabels { singular: kind, plural: kind, owner }, &known, wanted, NameMatch::Exact)
}
