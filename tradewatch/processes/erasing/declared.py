"""What every column of every model may hold of a person, and how it is searched. A test refuses a column that is not
here.

Columns that choose from a list, numbers, moments and references hold nothing; the hashes of users have a step of their
own (`users`). Everything else stands in one of these forms:

| form         | what the column holds                                 | the person there                              |
|--------------|-------------------------------------------------------|-----------------------------------------------|
| `text`       | words that an application or somebody wrote           | replaced                                      |
| `json`       | a JSON document                                       | replaced, in records, names and texts         |
| `packed`     | zstd of a JSON document                               | the same                                      |
| `enciphered` | encrypted; JSON or text                               | the same                                      |
| `envelope`   | an envelope as it came (`encoding` stands beside it)  | the same, in each item; its `address` goes    |
| `parcel`     | an envelope that waits to be relayed                  | the same                                      |
| `lines`      | a block of log lines, with its other columns          | the same, line by line                        |
| `bytes`      | a part of an attachment                               | replaced in text; else the attachment goes    |
| `staff`      | who of the staff did it, accounts, the audit trail    | told, not touched                             |
| `sealed`     | what may never change (kept SLA reports)              | told, not touched                             |
| `nothing`    | keys, ids, hashes, packed figures, our own words      | not looked at                                 |
"""

from collections.abc import Mapping
from enum import StrEnum


class Form(StrEnum):
    TEXT = "text"
    JSON = "json"
    PACKED = "packed"
    ENCIPHERED = "enciphered"
    ENVELOPE = "envelope"
    PARCEL = "parcel"
    LINES = "lines"
    BYTES = "bytes"
    STAFF = "staff"
    SEALED = "sealed"
    NOTHING = "nothing"


KEPT = frozenset({Form.STAFF, Form.SEALED})
Fields = Mapping[str, Form]


def _fields(**names: str) -> Fields:
    """Return {column: form} of {form: "column column"}."""
    return {name: Form(form) for form, many in names.items() for name in many.split()}


DECLARED: Mapping[str, Fields] = {
    # What waits to be digested is first: what is digested meanwhile is then without the person already.
    "inbox.QueuedEnvelope": _fields(nothing="encoding address", envelope="body"),
    "inbox.DeadLetter": _fields(text="reason detail address", nothing="encoding", envelope="body"),
    # Events before all that is told of them.
    "errors.EventPayload": _fields(packed="data"),
    "errors.IssueUser": {},  # hashes: see `users`
    "errors.Event": _fields(text="environment transaction", nothing="trace_id"),
    "errors.Issue": _fields(
        text="exception_type title message culprit classified_why grouped_why priority_why",
        staff="priority_by",
        nothing="own_face",
    ),
    "errors.IssueHash": _fields(nothing="hash"),
    "errors.TagCount": _fields(text="key value"),
    "errors.Activity": _fields(text="text", json="undo", nothing="actor_kind", staff="actor_label"),
    "errors.ClassificationRule": _fields(text="name exception_type module transaction tag message"),
    "errors.FingerprintRule": _fields(
        text="name exception_type message module function path transaction logger level environment release tag "
        "fingerprint"
    ),
    "errors.InternalError": _fields(text="where text"),
    "errors.SavedView": _fields(text="name query"),
    "errors.DefaultView": _fields(text="view"),
    "inbox.KeptItem": _fields(
        nothing="item_type trace_id", text="environment release", json="meta", packed="payload"
    ),
    "inbox.AttachmentChunk": _fields(bytes="data"),
    "inbox.Cursor": _fields(nothing="name"),
    "performance.KeptTransactionPayload": _fields(packed="data"),
    "performance.KeptTransaction": _fields(
        text="name op environment release status", nothing="trace_id span_id parent_span_id"
    ),
    "performance.TransactionGroup": _fields(text="environment name op release"),
    "performance.TransactionBucket": _fields(nothing="bins within"),
    "performance.TaggedMinute": _fields(nothing="bins within", text="tag_key tag_value name environment"),
    "performance.SpanGroup": _fields(text="environment transaction op description"),
    "performance.SpanBucket": _fields(nothing="bins"),
    "performance.TraceHour": _fields(nothing="cutoffs"),
    "performance.TraceFinding": _fields(
        text="environment transaction service op pattern first_release last_release", nothing="example_trace_id"
    ),
    "performance.LogBlock": _fields(text="environment", lines="bodies", nothing="trace_ids heads attributes"),
    "performance.Check": _fields(
        text="name environment address expected_statuses body_contains body_pattern expected_header expected_answer "
        "resolver detail paused_reason",
        enciphered="connection request_headers",
    ),
    "performance.CheckResult": _fields(text="detail"),
    "performance.CheckSpan": _fields(text="detail"),
    "performance.DiskSample": _fields(nothing="sizes"),
    "performance.DiskWatch": _fields(nothing="cleared"),
    "performance.Host": _fields(text="name environment", nothing="platform agent_version disk_mount late_parts"),
    "performance.PerformanceSettings": _fields(nothing="latency_thresholds"),
    "metrics.Counter": _fields(text="environment series"),
    "metrics.Histogram": _fields(text="environment series", nothing="bins"),
    "metrics.SeriesSketch": _fields(text="environment series", nothing="registers"),
    "metrics.UserSketch": _fields(text="environment", nothing="registers"),
    "metrics.Metric": _fields(text="environment name unit"),
    "metrics.MetricSeries": _fields(json="attributes"),
    "metrics.MetricBucket": _fields(nothing="cells bins total_bins"),
    "metrics.MetricFold": _fields(text="attribute examples", nothing="registers"),
    "alerts.Alert": _fields(
        text="dedup_key source title message link environment classified_by ending",
        json="tags metadata",
        staff="snoozed_by acknowledged_by resolved_by",
    ),
    "alerts.AlertGroup": _fields(
        text="key", json="labels plan", staff="acknowledged_by", nothing="route_path timer_kind"
    ),
    "alerts.GroupMember": _fields(text="came_with held_by released_by"),
    "alerts.OccurrenceRecord": _fields(
        nothing="kind", text="fingerprint title message link environment", json="tags"
    ),
    "alerts.TimelineEntry": _fields(text="text", staff="actor_label"),
    "alerts.Notification": _fields(staff="channel target", text="why answer"),
    "alerts.TokenBucket": _fields(text="key"),
    "alerts.Digest": _fields(json="items"),
    "alerts.TakenIn": _fields(text="fingerprint generator_url", json="labels annotations"),
    "alerts.WeeklyReport": _fields(staff="told"),
    "alerts.Heartbeat": _fields(text="slug name environment fault", nothing="ping_key cron time_zone"),
    "alerts.HeartbeatEntry": _fields(text="body"),
    "alerts.Companion": _fields(text="dedup_key other_key why"),
    "alerts.AlertRule": _fields(
        text="name environment series of_series attributes group_by last_reason", nothing="unit"
    ),
    "alerts.AlertClassificationRule": _fields(text="name matchers"),
    "alerts.Route": _fields(text="name matchers", json="group_by"),
    "alerts.Silence": _fields(text="matchers comment", staff="created_by ended_by"),
    "alerts.Inhibition": _fields(text="name source target", json="equal"),
    "alerts.MaintenanceWindow": _fields(text="name matchers comment", nothing="windows"),
    "alerts.QuietHours": _fields(text="name", nothing="calendar windows"),
    "alerts.IntakeSource": _fields(
        text="name severity_label environment_label", nothing="prefix digest", json="severity_map"
    ),
    "alerts.EscalationPolicy": _fields(text="name"),
    "alerts.Schedule": _fields(text="name", nothing="zone calendar"),
    "alerts.Rotation": _fields(text="name", nothing="restrictions"),
    "alerts.Override": _fields(staff="reason created_by"),
    "alerts.ContactAddress": _fields(staff="address"),
    "alerts.FeedLink": _fields(nothing="prefix digest"),
    "alerts.NotificationChannel": _fields(
        nothing="kind", text="name title_template text_template last_answer", staff="encrypted_settings"
    ),
    "debugging.BrowserReplay": _fields(nothing="kind", text="environment release", json="urls facts"),
    "debugging.BrowserReplaySegment": _fields(nothing="counts", json="timeline", text="refused", packed="data"),
    "debugging.ErrorContext": _fields(
        text="title exception_type culprit environment release transaction",
        packed="data",
        staff="captured_by",
        nothing="hashes trace_id",
    ),
    "debugging.DebugSession": _fields(text="title environment conclusion", staff="concluded_by opened_by closed_by"),
    "debugging.SessionSnapshot": _fields(packed="data"),
    "debugging.SessionStep": _fields(text="summary note", json="evidence", staff="by"),
    "debugging.SessionEntry": _fields(text="text", nothing="actor_kind", staff="actor_label"),
    "debugging.ReplayBatch": _fields(
        text="target_name fault",
        enciphered="asked",
        json="result",
        staff="requested_by approved_by",
        nothing="requested_kind",
    ),
    "debugging.Replay": _fields(
        text="target_name title fault reproduced_why",
        enciphered="asked",
        json="request response diff",
        staff="requested_by approved_by",
        nothing="trace_id requested_kind",
    ),
    "debugging.Simulation": _fields(json="changes result", staff="requested_by"),
    "debugging.Pattern": _fields(text="key value summary", json="evidence", staff="dismissed_by"),
    "debugging.PatternRun": _fields(text="fault"),
    "debugging.ReplayTarget": _fields(text="name base_url", staff="created_by"),
    "debugging.TargetSecret": _fields(text="name", enciphered="value"),
    "ingest.RelayEntry": _fields(nothing="category", parcel="body"),
    "ingest.RelayUpstream": _fields(text="detail", nothing="lease limits sent refused dropped"),
    "ingest.RelaySettings": _fields(nothing="kinds dsn"),
    "sla.Measure": _fields(text="environment", json="definition"),
    "sla.MinuteBlock": _fields(nothing="counts bins"),
    "sla.HourSpread": _fields(nothing="bins"),
    "sla.Target": _fields(text="metric_name title"),
    "sla.TargetVersion": _fields(
        text="reason environment", json="definition", staff="actor", nothing="zone market excluded_times"
    ),
    "sla.Correction": _fields(text="environment reason", staff="actor withdrawn_by", nothing="source_key"),
    "sla.TargetNews": _fields(nothing="burn"),
    "sla.Report": _fields(sealed="name label lede document", staff="made_by", nothing="sha256"),
    "sla.ReportSchedule": _fields(text="name", nothing="zone market formats", staff="addresses"),
    "sla.ReportMailing": _fields(nothing="period", text="fault", staff="asked_by told"),
    "sla.ClosedPeriod": _fields(sealed="label entry"),
    "releases.Repository": _fields(text="name url path read_fault"),
    "releases.Commit": _fields(nothing="sha parents", staff="author_name author_email message"),
    "releases.CommitFile": _fields(nothing="path"),
    "releases.Deployment": _fields(
        text="environment version commit ref url message kept_reason", staff="deployed_by kept_by"
    ),
    "releases.ReleaseDetail": _fields(text="ref url", staff="created_by"),
    "releases.ReleaseArtifact": _fields(nothing="name dist sha1 headers content"),
    "releases.UploadedChunk": _fields(nothing="owner sha1 content"),
    "releases.Freeze": _fields(text="environment name reason", nothing="zone", staff="created_by"),
    "releases.DeploymentWindow": _fields(text="environment name", nothing="calendar zone times"),
    "releases.GateOverride": _fields(text="environment version reason", staff="created_by"),
    "releases.GateAnswer": _fields(text="environment version", staff="asked_by", json="reasons evidence"),
    "releases.BudgetReading": _fields(nothing="corrections burn"),
    "releases.DeploymentLook": _fields(text="summary", json="evidence"),
    "releases.Rollback": _fields(text="to_version reason answer outcome", staff="requested_by"),
    "releases.ReleaseSettings": _fields(nothing="rollback_url encrypted_rollback_secret"),
    "projects.Project": _fields(text="name", nothing="slug", json="scrub_fields"),
    "projects.ProjectKey": _fields(nothing="public_key", text="label"),
    "projects.Environment": _fields(text="name"),
    "projects.Release": _fields(text="version", nothing="order_key"),
    "projects.ReleaseSighting": _fields(text="environment"),
    "projects.Team": _fields(staff="name slug"),
    "projects.ApiToken": _fields(staff="name", nothing="prefix digest scopes"),
    "calendars.MarketCalendar": _fields(nothing="code name zone last_fault"),
    "calendars.MarketDay": _fields(nothing="name"),
    "core.IdempotentAnswer": _fields(nothing="caller path body_hash", text="key", json="answer"),
    "core.Pulse": _fields(nothing="name"),
    "core.Tally": _fields(nothing="name labels"),
    "core.AuditEntry": _fields(
        staff="actor_label address object_label changes", nothing="actor_kind action object_type object_id"
    ),
    "processes.Erasure": _fields(nothing="person_hash sought progress report fault lease", staff="asked_by"),
    "accounts.Authenticator": _fields(nothing="seed"),
    "accounts.RecoveryCode": _fields(nothing="digest"),
    "accounts.SessionRecord": _fields(nothing="key_hash", staff="address user_agent"),
    "admin.LogEntry": _fields(nothing="object_id", staff="object_repr change_message"),
    "auth.Permission": _fields(nothing="name codename"),
    "auth.Group": _fields(staff="name"),
    "auth.User": _fields(nothing="password", staff="username first_name last_name email"),
    "contenttypes.ContentType": _fields(nothing="app_label model"),
    "sessions.Session": _fields(nothing="session_key session_data"),  # signed, of staff alone
    "axes.AccessFailureLog": _fields(staff="user_agent ip_address username http_accept path_info"),
    "axes.AccessAttempt": _fields(staff="user_agent ip_address username http_accept path_info get_data post_data"),
    "axes.AccessLog": _fields(staff="user_agent ip_address username http_accept path_info", nothing="session_hash"),
}  # fmt: skip
