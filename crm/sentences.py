"""The sentences of the issues that records, custom columns and filters raise."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

SENTENCES = {
    # values
    "nul_character": _("The text contains a NUL character, which no database keeps. Remove it."),
    "lone_surrogate": _("The text contains half of a surrogate pair, which is no character. Remove it."),
    "no_number": _("This must be a number, such as %(sample)s."),
    "ambiguous_number": _("“%(text)s” can be read in two ways: write %(small)s or %(large)s."),
    "other_currency": _(
        "This amount is in %(currency)s, and “%(text)s” is another currency: write how much it is in "
        "%(currency)s."
    ),
    "currency_of_each": _(
        "Every record has a currency of its own here: write the amount without “%(text)s”."
    ),
    "number_out_of_range": _("The number must be between -%(limit)s and %(limit)s."),
    "too_many_decimals": _("At most %(decimals)s decimals are kept."),
    "too_small": _("This must be at least %(limit)s."),
    "not_above": _("This must be more than %(limit)s."),
    "no_such_day": _("There is no such day in the calendar."),
    "wrong_date": _("This must be an ISO date, an ISO date-time or a word for a day."),
    "word_for_day": _("Only filters take words for days: send the ISO date itself."),
    "range_end_missing": _("A range needs both a start and an end."),
    "range_reversed": _("The range ends before it starts: send its earlier or lower end first."),
    "unknown_choice": _("There is no such option."),
    "ambiguous_stage": _("Several pipelines have a stage of this name."),
    "stage_of_other_pipeline": _("The stage %(stage)s belongs to another pipeline."),
    "only_one_value": _("Only one value is allowed here, not a list."),
    "ambiguous_user": _("Several users have this name: send an e-mail address or an id."),
    "too_many_values": _("At most %(limit)s values are allowed."),
    "wrong_email": _("This is not an e-mail address."),
    "wrong_link": _("This is not a link."),
    "notes_want_markdown": _("Notes are Markdown text, not a rich-text document."),
    "unknown_option": _("There is no option of this name here."),
    # records
    "unknown_field": _("There is no field of this name."),
    "read_only": _("This field cannot be written."),
    "null_list": _("A list cannot be null: leave it out to keep it, send [] to clear it."),
    "unknown_column": _("There is no custom column with this id, key or label."),
    "unknown_record": _("There is no %(entity)s with the id %(id)s."),
    "not_in_trash": _("There is no %(entity)s with the id %(id)s in the trash."),
    "unknown_relation": _("A %(entity)s has no such relation."),
    "stale_version": _(
        "The record has version %(current)s by now, not %(sent)s: somebody changed it. "
        "Read it again, then repeat the change with expectedVersion %(current)s."
    ),
    "too_many_rows": _("At most %(limit)s rows fit into one call; these are %(count)s."),
    "same_record_twice": _("The record %(id)s comes twice: send one row with all its changes."),
    "would_lose_sight": _(
        "You see only your own records: stay among userIds, or you could not see it afterwards."
    ),
    "sees_only_own": _("You see only your own records, and this is about all of them."),
    "system_task": _("This task was made by the product: it cannot be renamed or deleted, only done."),
    "only_for_closed_deals": _("The deal is open (stage %(stage)s): only a won or lost deal has this."),
    "only_for_lost_deals": _("Only a lost deal has this, and the stage %(stage)s is none."),
    "only_for_done_tasks": _("Only a task that is done has this: send status done."),
    "duplicate_line": _("The service %(service)s is named twice: a deal has one line for each service."),
    "currency_mismatch": _(
        "The service %(service)s is priced in %(currency)s, the deal is in %(deal)s: "
        "send a unitPrice in %(deal)s."
    ),
    "currency_of_lines": _(
        "The lines have prices in the old currency: send services with a unitPrice for each line."
    ),
    "column_holds_values": _("The column “%(label)s” holds values by now and stays."),
    "unknown_change": _("There is no such change."),
    "nothing_to_restore": _("Nothing of it is in the trash any more."),
    "nothing_to_undo": _("There is nothing left to undo."),
    "field_changed_since": _("This was changed since."),
    "notes_moved_on": _("The notes were changed meanwhile. Look again."),
    "lines_moved_on": _(
        "%(who)s changed the lines meanwhile. These are the lines now; your change was not saved: repeat it."
    ),
    "follows_lines": _("The amount is the sum of the lines, as long as there are any: change those."),
    "moved_meanwhile": _(
        "%(who)s moved this to %(stage)s meanwhile. You see it there now: move it again if you still want to."
    ),
    "record_gone": _("The record is not there any more."),
    # filters, sort, pages
    "unknown_operator": _("The field %(field)s has no such operator."),
    "wrong_operand": _("The operator %(operator)s takes %(expected)s as value."),
    "empty_list": _(
        "The operator %(operator)s takes %(expected)s as value; an empty list would match nothing."
    ),
    "empty_operand": _(
        "An empty text matches nothing: use the operator isNull to find records without a value."
    ),
    "empty_group": _("The list of rules is empty: leave filters out to get everything."),
    "filter_too_deep": _("Groups can be nested %(limit)s deep at most."),
    "too_many_rules": _("A filter can have %(limit)s rules at most."),
    "not_filterable": _("Lists cannot be filtered by %(field)s."),
    "not_sortable": _("Lists cannot be sorted by %(field)s."),
    "too_many_sort_keys": _("A sort has one to %(limit)s keys."),
    "same_field_twice": _("The same field is named twice."),
    "wrong_cursor": _("This is no cursor of ours: send nextCursor of the answer before as it came, or none."),
    "foreign_cursor": _(
        "This cursor belongs to another filter, search or sort: repeat those, or start without it."
    ),
    "changed_since": _("The record has changed since the part before: start again without a cursor."),
    "page_too_deep": _("Page numbers end at %(limit)s for this page size: go on with the cursor instead."),
    "page_or_cursor": _("Send a page number or a cursor, not both."),
    "not_groupable": _("Records cannot be grouped by %(field)s."),
    "not_measurable": _("The field %(field)s holds no numbers."),
    "bucket_wanted": _(
        "Dates are grouped in spans of time: say with bucket how long those of %(field)s are."
    ),
    "no_bucket": _("Only dates are grouped by bucket, and %(field)s is none: leave it out."),
    "count_has_no_field": _("A count is of records, not of a field: leave it out."),
    "measures_wanted": _("At least one measure is needed; leave measures out for a count."),
    "too_many_words": _("A search has at most %(limit)s words."),
    # custom columns
    "unknown_option_value": _(
        "No option of this column has this value; leave value out to make a new option."
    ),
    "options_wanted": _("A list of 1 to %(limit)s options is needed."),
    "duplicate_label": _("The label %(label)s is taken."),
    "duplicate_option": _("The same option is listed twice."),
    "one_default": _("Only one option can be the default."),
    "fewer_decimals": _("Values have up to %(decimals)s decimals already; a column never gets fewer."),
    "never_changes": _("This never changes once the column exists."),
    "option_in_use": _(
        "%(count)s records use the option %(label)s: send replaceWith, an option that remains or null."
    ),
    "option_in_much_use": _(
        "%(count)s records use what goes, and at most %(limit)s can change with a column: first update "
        "the records in batches to an option that remains, then remove the old one."
    ),
    "option_stays": _("The option %(option)s does not go, so nothing can take its place."),
    "fills_too_many": _(
        "%(count)s records have no value, and at most %(limit)s can change with a column: leave this out, "
        "then set the value in lists, many records at a time."
    ),
    "no_default": _("None of the options is the default, so there is nothing to fill in."),
    "unknown_type": _("There is no column type of this name."),
    "too_many_columns": _("An entity has at most %(limit)s custom columns."),
    "one_form": _("Send exactly one of these forms: %(forms)s."),
}
