//! From names to ids: which item of a list a word stands for.

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
    /// What messages call it.
    label: String,
    /// Its names besides the id.
    names: Vec<String>,
    pub(super) document: Document,
}

impl NamedItem {
    /// An item that these fields name besides its id, the best first.
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

/// Every item of a noun that the key may see.
pub(super) async fn all(client: &CloudMc, noun: &Noun) -> Result<Vec<NamedItem>> {
    let endpoint = noun.list_endpoint()?;
    let rows = client.fetch_all(&client.with_organization_filter(request(endpoint, &[])?, endpoint)).await?;
    rows.into_iter().map(|row| NamedItem::new(row, noun.names)).collect()
}

/// The item of a noun that an id or a name stands for.
pub(super) async fn item(client: &CloudMc, noun: &Noun, wanted: &str, name_match: NameMatch) -> Result<NamedItem> {
    choose(lookup_labels(noun), &all(client, noun).await?, wanted, name_match)
}

/// What messages about a lookup call the items of a noun, and where they are.
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

/// The row of a list that a word stands for when the API itself does not know it as an id: first the name, then the id, then
/// both in any case.
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
                return Err(Error::usage(format!("`{wanted}` stands for {} {kind}", several.len()))
                    .cause(listed.join("\n"))
                    .hint("name one by its id, which stands last"));
            }
        }
    }
    choose(LookupLabels { singular: kind, plural: kind, owner }, &items, wanted, NameMatch::Exact)
}
