package gateway_test

import (
	"io"
	"reflect"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/genio-gateway/genio/db"
	"github.com/genio-gateway/genio/db/dbtest"
	"github.com/genio-gateway/genio/gateway"
	"github.com/genio-gateway/genio/notification"
	"github.com/genio-gateway/genio/workflows"
)

// noted is a use case that a person asks for, and the entry that it leaves in the audit log.
type noted struct {
	act string
	do  func(t *testing.T, b bundle, actor gateway.Actor) error
}

func onBatch(act batchActNamed, status notification.BatchStatus) func(*testing.T, bundle, gateway.Actor) error {
	return func(t *testing.T, b bundle, actor gateway.Actor) error {
		t.Helper()

		return b.batchActs()[string(act)](t.Context(), actor, b.batchIn(t, status))
	}
}

type batchActNamed string

func onNotification(name string) func(*testing.T, bundle, gateway.Actor) error {
	return func(t *testing.T, b bundle, actor gateway.Actor) error {
		t.Helper()

		return acts()[name](t.Context(), b, actor, b.ready(t, name))
	}
}

// notedUseCases are those that change or reveal something, by the name of their method.
func notedUseCases() map[string]noted {
	return map[string]noted{
		"Cancel": {"notification.cancel", onNotification(workflows.SignalCancel)},
		"Hold":   {"notification.hold", onNotification(workflows.SignalHold)},
		"Resume": {"notification.resume", onNotification(workflows.SignalResume)},
		"Decide": {"notification.decide", onNotification(workflows.SignalDecide)},
		"Retry":  {"notification.retry", onNotification("retry")},

		"RemapBatch":   {"batch.remap", onBatch("remap", notification.BatchDraft)},
		"SampleBatch":  {"batch.sample", onBatch("sample", notification.BatchDraft)},
		"ConfirmBatch": {"batch.confirm", onBatch("confirm", notification.BatchDraft)},
		"PauseBatch":   {"batch.pause", onBatch("pause", notification.BatchSending)},
		"ResumeBatch":  {"batch.resume", onBatch("resume", notification.BatchPaused)},
		"CancelBatch":  {"batch.cancel", onBatch("cancel", notification.BatchSending)},
		"DiscardBatch": {"batch.discard", onBatch("discard", notification.BatchDraft)},
		"UploadBatch": {"batch.upload", func(t *testing.T, b bundle, actor gateway.Actor) error {
			t.Helper()

			_, err := b.UploadBatch(t.Context(), actor, b.upload(t))

			return err
		}},
		"WriteRejects": {"batch.reject_download", func(t *testing.T, b bundle, actor gateway.Actor) error {
			t.Helper()

			return b.WriteRejects(t.Context(), actor, b.batchIn(t, notification.BatchDraft), io.Discard, gateway.TableCSV)
		}},
		"WriteResults": {"batch.results_download", func(t *testing.T, b bundle, actor gateway.Actor) error {
			t.Helper()

			return b.WriteResults(t.Context(), actor, b.batchIn(t, notification.BatchSending), io.Discard, gateway.TableCSV, notification.Italian)
		}},

		"CreateTemplate": {"template.create", func(t *testing.T, b bundle, actor gateway.Actor) error {
			t.Helper()

			_, err := b.CreateTemplate(t.Context(), actor, draft())

			return err
		}},
		"ReviseTemplate": {"template.revise", func(t *testing.T, b bundle, actor gateway.Actor) error {
			t.Helper()

			_, err := b.ReviseTemplate(t.Context(), actor, b.template(t, b.tenant, draft()).ID, 1, draft())

			return err
		}},
		"ArchiveTemplate": {"template.archive", func(t *testing.T, b bundle, actor gateway.Actor) error {
			t.Helper()

			return b.ArchiveTemplate(t.Context(), actor, b.template(t, b.tenant, draft()).ID)
		}},

		"Submit": {"notification.submit", func(t *testing.T, b bundle, actor gateway.Actor) error {
			t.Helper()

			_, err := b.Submit(t.Context(), actor, b.submission())

			return err
		}},
		"SubmitComposition": {"notification.submit", func(t *testing.T, b bundle, actor gateway.Actor) error {
			t.Helper()

			_, err := b.SubmitComposition(t.Context(), actor, gateway.Composition{Submission: b.submission()})

			return err
		}},
		"SendTest": {"notification.test", func(t *testing.T, b bundle, actor gateway.Actor) error {
			t.Helper()
			require.NoError(t, b.KeepTestRecipient(t.Context(), actor, notification.Recipient{FiscalCode: fiscalCode}))

			_, err := b.SendTest(t.Context(), actor, gateway.Composition{Submission: b.submission()})

			return err
		}},
		"KeepTestRecipient": {"test_recipient.keep", func(t *testing.T, b bundle, actor gateway.Actor) error {
			t.Helper()

			return b.KeepTestRecipient(t.Context(), actor, notification.Recipient{FiscalCode: fiscalCode})
		}},
		"ForgetTestRecipient": {"test_recipient.forget", func(t *testing.T, b bundle, actor gateway.Actor) error {
			t.Helper()

			return b.ForgetTestRecipient(t.Context(), actor)
		}},
		"CheckComposition": {"citizen.check", func(t *testing.T, b bundle, actor gateway.Actor) error {
			t.Helper()
			b.answering(t, workflows.ProfileResult{Reachable: true})

			_, err := b.CheckComposition(t.Context(), actor, gateway.Composition{Submission: b.submission()})

			return err
		}},
		"WriteAuditLog": {"audit.export", func(t *testing.T, b bundle, actor gateway.Actor) error {
			t.Helper()

			return b.WriteAuditLog(t.Context(), actor, gateway.AuditQuery{}, io.Discard, gateway.TableCSV, notification.Italian)
		}},
	}
}

// TestEveryActOfAPersonIsNoted walks the use cases that change or reveal something: exactly one entry tells of each, with
// who did it from where, and nothing of a citizen.
func TestEveryActOfAPersonIsNoted(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, store *db.Store) {
		b := withTemporal(t, store)
		account := b.account(t, "olga@comune.example")

		for method, want := range notedUseCases() {
			actor := account.Actor()
			actor.Role, actor.Address = gateway.RoleAdministrator, "192.0.2.7"

			require.NoError(t, want.do(t, b, actor), method)

			entries, _, err := store.AuditLog(t.Context(), db.AuditFilter{ActorIDs: []string{account.ID}, Action: want.act}, db.Cursor{}, 10)
			require.NoError(t, err)
			require.NotEmpty(t, entries, method)

			latest := entries[0]
			require.Equal(t, b.ente.ID, latest.EnteID, method)
			require.Equal(t, "Olga Operatrice", latest.ActorName, method)
			require.Equal(t, "192.0.2.7", latest.Address, method)

			for _, value := range latest.Detail {
				require.NotContains(t, value, fiscalCode, method)
			}
		}
	})
}

// TestEveryUseCaseIsNotedOrReads: whoever adds a use case says whether it has to be noted.
func TestEveryUseCaseIsNotedOrReads(t *testing.T) {
	t.Parallel()

	reading := []string{
		"APIKey", "APIKeys", "Account", "AuditLog", "AuditPeople", "Batch", "BatchPreview", "BatchRows", "Batches", "CheckOwnPassword",
		"Citizen", "ContinueSession", "CountForExport", "Counts", "Dashboard", "DryRunIntervention", "Ente", "Enti", "Erasure",
		"Erasures", "Find", "Finding", "Findings", "FormOwner", "FormOwnerMark", "Health", "Intervention", "Interventions",
		"Invitation", "ManageKeySaved", "NewSecondFactorKey", "Notification", "Notifications", "OpenFindings", "OwnAccount",
		"OwnSessions", "PauseByID", "Pauses", "PausesInForce", "People", "Person", "PreviewComposition", "PreviewTemplate",
		"ReadPhone", "Ready", "RecentBatches", "RecipientOf", "Reconciliation", "ReconciliationByID", "RetentionLate", "RetentionRun",
		"RetentionRuns", "SavedFilter", "SavedFilters", "SecondFactor", "Service", "ServiceImport", "ServiceImports", "Services", "Template",
		"Templates", "TestRecipient", "Timeline", "Webhook", "WebhookDeliveries", "WebhookDelivery", "Webhooks", "WriteErasureProof",
	}
	// What their own tests prove to be noted.
	proven := []string{
		"AcceptInvitation", "AcknowledgeFinding", "AddMembership", "AddWebhook", "AdmitEnte", "ChangeAPIKey", "ChangeKeys",
		"ChangePassword", "CheckSecondFactor", "CitizenDossier", "CorrectBatch", "DeleteFilter", "DescribeEnte", "DescribeService",
		"EndOtherSessions", "EndOwnSession", "EndSessionsOf", "ExportCitizen", "ExportNotifications", "ForgetHashes", "ImportServices",
		"Invite", "IssueAPIKey", "LiftPause", "MoveEnte", "MoveWebhook", "OpenSession", "Pause", "Reconcile", "Reencrypt",
		"RefusedSignIn", "RemoveManageKey", "RemoveMembership", "RemoveSecondFactor", "RemoveWebhook", "RenewInvitation",
		"RenewRecoveryCodes", "ReplaceServiceKey", "RetellWebhook", "Reveal", "RotateAPIKey", "RotateWebhookSecret", "SaveFilter",
		"SetPersonActive", "SetRetention", "SetSecondFactor", "SetServicePolicy", "ShareFilter", "SignInWith", "SignedOut",
		"StartErasure", "StartIntervention", "StartServiceImport", "StopIntervention", "SwitchService", "SwitchWebhook",
		"TestServiceKey", "TestWebhook", "UseServiceKey", "WithdrawInvitation",
	}
	// Applications and commands: what they do is noted by the notifications themselves, or by the tests of their own use
	// cases; a sign-in has tests of its own, too.
	others := []string{
		"AuthenticateKey", "CheckRecipient", "CreateAPIKey", "CreateAccount", "CreateEnte", "CreateService", "Intervene", "RecordTwilioStatus",
		"ReportSMS",
		"RevokeAPIKey", "SetIOQuota", "SignIn", "SubmitBulk",
	}
	// Only for tests.
	exported := []string{"OccupyHashing"}

	kind := reflect.TypeFor[*gateway.Gateway]()
	tested := notedUseCases()

	for method := range kind.Methods() {
		name := method.Name

		_, isTested := tested[name]
		require.True(t, isTested || slices.Contains(slices.Concat(reading, proven, others, exported), name),
			"%s is neither in notedUseCases nor said to read", name)
	}
}

// TestApplicationsAreNotNotedForEachNotification: the log is of people, and an Ente may send a million.
func TestApplicationsAreNotNotedForEachNotification(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, store *db.Store) {
		b := withTemporal(t, store)

		_, err := b.Submit(t.Context(), b.application(), b.submission())
		require.NoError(t, err)

		entries, _, err := store.AuditLog(t.Context(), db.AuditFilter{EnteID: b.ente.ID}, db.Cursor{}, 10)
		require.NoError(t, err)
		require.Empty(t, entries)
	})
}

// TestAnActThatFailsIsNotNoted: the change and its entry are one.
func TestAnActThatFailsIsNotNoted(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, store *db.Store) {
		b := withTemporal(t, store)
		author := b.user(gateway.RoleAdministrator)
		view := b.template(t, b.tenant, draft())

		_, err := b.ReviseTemplate(t.Context(), author, view.ID, 7, draft())
		require.ErrorIs(t, err, gateway.ErrState)

		_, err = b.Submit(t.Context(), author, gateway.Submission{ServiceID: b.service.ID})
		require.Error(t, err)

		entries, _, err := store.AuditLog(t.Context(), db.AuditFilter{ActorIDs: []string{author.ID}}, db.Cursor{}, 10)
		require.NoError(t, err)
		require.Empty(t, entries)
	})
}
