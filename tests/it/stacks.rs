//! `c66 stacks`.

use crate::world::World;

#[test]
fn a_list_has_all_pages_in_order() {
    let run = World::new().sandbox(&["stacks", "list", "-o", "json"]).code(0);
    let stacks = run.json();
    let uids: Vec<&str> = stacks.as_array().expect("a list").iter().filter_map(|stack| stack["uid"].as_str()).collect();
    assert!(uids.len() > 60, "{}", uids.len());
    assert_eq!(uids[0], "5999b763474b0eafa5fafb64bff0ba80");
}

#[test]
fn a_stack_of_two_environments_is_named_by_one() {
    let world = World::new();
    let run = world.sandbox(&["stacks", "show", "awesome-app@staging", "--jq", ".environment"]).code(0);
    assert_eq!(run.stdout, "staging\n");
}
