//! Finds the item of a list that a name or id refers to.

use crate::cloudmc::{CloudMc, request};
use crate::error::{Error, Result};
use crate::http::document::Document;
use crate::http::fields::Fields;
use crate::resource::find::named::{ItemNames, LookupLabels, NameMatch, choose_matching};
use crate::resource::noun::Noun;

/// An item with its names.
#[derive(Clone, Debug)]
pub(super) struct NamedItem {
    pub(super) id: String,
    /// Its name in messages.
    label: String,
    /// Its other names.
    names: Vec<String>,
    pub(super) document: Document,
}

impl NamedItem {
    /// An item with these name fields, the best first.
    fn new(document: Document, name_fields: &[&str]) -> Result<Self> {
        let fields: Fields = document.view()?;
        let names = name_fields.iter().filter(|name| **name != "id").filter_map(|name| fields.text(name));
        let names: Vec<String> = names.collect();
        let label = names.first().cloned().unwrap_or_default();
        // Some types have no ids: the name is the id.
        let id = fields.text("id").or_else(|| names.first().cloned()).unwrap_or_default();
        Ok(Self { id, label, names, document })
    }
}

/// Every item of a noun that the key can access.
pub(super) async fn all(client: &CloudMc, noun: &Noun) -> Result<Vec<NamedItem>> {
    let endpoint = noun.list_endpoint()?;
    let rows = client.fetch_all(&client.with_organization_filter(request(endpoint, &[])?, endpoint)).await?;
    rows.into_iter().map(|row| NamedItem::new(row, noun.names)).collect()
}

/// Finds the item of a noun by id or name.
pub(super) async fn item(client: &CloudMc, noun: &Noun, wanted: &str, name_match: NameMatch) -> Result<NamedItem> {
    choose(lookup_labels(noun), &all(client, noun).await?, wanted, name_match)
}

/// The words for the items of a noun and their owner.
pub(super) fn lookup_labels(noun: &Noun) -> LookupLabels<'static> {
    LookupLabels { singular: noun.singular, plural: noun.plural, owner: "this CloudMC" }
}

fn choose(
    lookup_labels: LookupLabels<'_>,
    items: &[NamedItem],
    wanted: &str,
    name_match: NameMatch,
) -> Result<NamedItem> {
    choose_matching(name_match, lookup_labels, items, wanted, |item| ItemNames {
        id: &item.id,
        label: item.label.clone(),
        others: item.names.iter().map(String::as_str).collect(),
    })
    .cloned()
}

/// Finds the row that the API itself does not know as an id: by name, then by id, then by both case-insensitively.
pub(super) fn row(rows: Vec<Document>, kind: &str, owner: &str, wanted: &str) -> Result<NamedItem> {
    let items = rows.into_iter().map(|row| NamedItem::new(row, &["name"])).collect::<Result<Vec<_>>>()?;
    let is_wanted = |given: &str, same_case: bool| {
        if same_case { given == wanted } else { given.to_lowercase() == wanted.to_lowercase() }
    };
    for same_case in [true, false] {
        let by_name: Vec<&NamedItem> = items.iter().filter(|item| is_wanted(&item.label, same_case)).collect();
        let by_id: Vec<&NamedItem> = items.iter().filter(|item| is_wanted(&item.id, same_case)).collect();
        match if by_name.is_empty() { by_id } else { by_name }.as_slice() {
            [] => {}
            [one] => return Ok((*one).clone()),
            several => {
                let listed: Vec<String> = several.iter().map(|item| format!("{}  {}", item.label, item.id)).collect();
                return Err(Error::usage(format!("`{wanted}` matches {} {kind}", several.len()))
                    .cause(listed.join("\n"))
                    .hint("use an id (last column)"));
            }
        }
    }
    choose(LookupLabels { singular: kind, plural: kind, owner }, &items, wanted, NameMatch::Exact)
}
