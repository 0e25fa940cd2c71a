//! `c66 cloudmc usage`.

use clap::Args;

use super::super::context::Context;
use super::args::{OrgArgs, QueryArgs};
use super::body::with_query;
use super::cells::{first_text, noun, time};
use super::find::{self, NamedItem};
use super::orgs::Organizations;
use crate::args::ListArgs;
use crate::args::candidates::Candidates;
use crate::cloudmc::endpoints::USAGE_SHOW;
use crate::cloudmc::{CloudMc, request};
use crate::error::{Error, Result};
use crate::http::document::Document;
use crate::http::fields::Fields;
use crate::resource::list::Listing;
use crate::resource::noun::Noun;
use crate::resource::verb::Verb;
use crate::resource::{Column, Resource, minor, wide};

/// `c66 cloudmc usage`
#[derive(Args, Debug)]
#[command(add = Verb::list(UsageRecords::NOUN))]
pub(crate) struct UsageArgs {
    /// Organization: UUID, entry point or name [default: your own]
    #[arg(add = Candidates::CloudMcOrganizations)]
    pub(crate) org: Option<String>,
    /// First day, such as 2026-11-01
    #[arg(long, value_name = "DATE")]
    pub(crate) from: String,
    /// Last day, exclusive
    #[arg(long, value_name = "DATE")]
    pub(crate) to: String,
    /// Grouping period
    #[arg(long, value_name = "PERIOD", value_parser = ["hour", "day", "period"], ignore_case = true)]
    pub(crate) period: Option<String>,
    /// Print the CSV that the API sends
    #[arg(long)]
    pub(crate) csv: bool,
    #[command(flatten)]
    pub(crate) query: QueryArgs,
    #[command(flatten)]
    pub(crate) list: ListArgs,
}

/// Sums of usage.
struct UsageRecords;

impl Resource for UsageRecords {
    type View = Fields;
    const NOUN: &'static Noun = &noun::<Self>("record", "records").listed_by(&USAGE_SHOW);
    const COLUMNS: &'static [Column<Fields>] = &[
        Column::text("type", "type of the usage", |record| record.text("usageType").into()),
        minor(Column::text("secondary", "detailed type of the usage", |record| record.text("secondaryType").into())),
        Column::text("usage", "amount", |record| record.text("utilityUsage").into()),
        Column::text("cost", "cost", |record| record.text("utilityCost").into()),
        Column::time("start", "start of the period", |record| time(record, "startDate")),
        Column::time("end", "end of the period", |record| time(record, "endDate")),
        wide(Column::text("connection_id", "id of the connection", |record| record.text("serviceConnectionId").into())),
        wide(Column::text("organization_id", "id of the organization", |record| record.text("organizationId").into())),
    ];

    fn id(record: &Fields) -> Option<String> {
        first_text(record, &["usageType", "name"])
    }
}

/// Runs `c66 cloudmc usage`.
pub(super) async fn run(context: &Context, args: UsageArgs) -> Result<()> {
    let Some(listing) = Listing::of::<UsageRecords>(&context.printer, &args.list)? else { return Ok(()) };
    let client = context.cloudmc(&OrgArgs { org: args.org }).await?;
    let id = match client.organization() {
        Some(id) => id.to_owned(),
        None => own_organization(client).await?,
    };
    let mut request = request(&USAGE_SHOW, &[("id", &id)])?;
    let dates = [("start_date", args.from), ("end_date", args.to)];
    request.query.extend(dates.map(|(name, value)| (name.to_owned(), value)));
    if let Some(period) = &args.period {
        request.query.push(("period".to_owned(), period.to_uppercase()));
    }
    let mut request = with_query(request, &args.query)?;
    if args.csv {
        request.query.push(("format".to_owned(), "csv".to_owned()));
        request.headers.push(("Accept".to_owned(), "text/csv".to_owned()));
        let (_, response) = client.call(&request).await?;
        context.printer.write(|out| out.write_all(&response.body))?;
        return context.printer.flush();
    }
    listing.print_documents(client.fetch_all(&request).await?).await
}

/// The organization of the key: the only one that it can access, or the parent of all others.
async fn own_organization(client: &CloudMc) -> Result<String> {
    let organizations = find::all(client, Organizations::NOUN).await?;
    let parent = |document: &Document| document.view::<Fields>().ok()?.object("parent").text("id");
    let is_below = |org: &&NamedItem| {
        parent(&org.document).is_some_and(|parent| organizations.iter().any(|other| other.id == parent))
    };
    let above: Vec<&NamedItem> = organizations.iter().filter(|org| !is_below(org)).collect();
    match above.as_slice() {
        [own] => Ok(own.id.clone()),
        _ => {
            Err(Error::usage("no organization specified, and the key can access several")
                .hint("see c66 cloudmc orgs list"))
        }
    }
}
