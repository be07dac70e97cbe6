package telemetry_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"gopkg.in/yaml.v3"

	"github.com/genio-gateway/genio/db/dbtest"
	"github.com/genio-gateway/genio/notification"
	"github.com/genio-gateway/genio/telemetry"
)

// everything is told after everything has happened once.
func everything(t *testing.T) string {
	t.Helper()

	all := telemetry.New()
	m := all.Metrics
	m.Accepted("ente", 1)
	m.Settled(notification.StatusDelivered, notification.ReasonIODelivered, notification.ChannelIO)
	m.HandedOver(notification.ChannelIO, notification.HandOverSent, "", time.Now())
	m.RefusedByIO("ente")
	m.Requested(telemetry.Request{Method: "GET", Route: "/*", Kind: "page", Status: http.StatusOK})
	m.Pool(dbtest.Open(t, dbtest.EngineSQLite).Pool())
	m.Read(telemetry.Readings{
		Outbox:      func(context.Context) (int, time.Time, error) { return 1, time.Now(), nil },
		Open:        func(context.Context) (map[string]int, error) { return map[string]int{"on_hold": 1}, nil },
		Queues:      func(context.Context) ([]telemetry.Queue, error) { return []telemetry.Queue{{Name: "genio"}}, nil },
		Differences: func(context.Context) (map[string]int, error) { return map[string]int{"lost": 1}, nil },
		Undone: func(context.Context) (map[string]time.Time, error) {
			return map[string]time.Time{"retention": time.Now()}, nil
		},
	})

	_, ended := all.Calls(telemetry.ProviderIO)(t.Context(), "submitMessage")
	ended(http.StatusCreated)

	return told(t, m)
}

// ofOthers are metrics that are asked for and made elsewhere: by Prometheus itself, and by Temporal's SDK, which tells each
// only once there is something to tell (go.temporal.io/sdk/internal/common/metrics/constants.go). The integration tests find
// those that every worker tells.
func ofOthers() []string {
	return []string{
		"up", "temporal_workflow_task_execution_failed_total", "temporal_request_failure_total",
		"temporal_activity_schedule_to_start_latency_seconds_bucket",
	}
}

func checkExpressions(t *testing.T, expressions []string) {
	t.Helper()
	require.NotEmpty(t, expressions)

	text := everything(t)
	name := regexp.MustCompile(`\b(?:genio|temporal|go|process)_[a-z0-9_]+|\bup\b`)
	labelled := regexp.MustCompile(`\{[^}]*\}|\bby \([^)]*\)`)

	for _, expression := range expressions {
		names := name.FindAllString(labelled.ReplaceAllString(expression, ""), -1)
		require.NotEmpty(t, names, expression)

		for _, one := range names {
			known := slices.Contains(ofOthers(), one) || regexp.MustCompile(`(?m)^`+one+`[{ ]`).MatchString(text)
			require.True(t, known, "nobody tells %s, for which is asked here: %s", one, expression)
		}
	}
}

type rules struct {
	Groups []struct {
		Rules []struct {
			Alert       string            `yaml:"alert"`
			Expr        string            `yaml:"expr"`
			For         string            `yaml:"for"`
			Labels      map[string]string `yaml:"labels"`
			Annotations map[string]string `yaml:"annotations"`
		} `yaml:"rules"`
	} `yaml:"groups"`
}

func readRules(t *testing.T) rules {
	t.Helper()

	content, err := os.ReadFile(filepath.Join("..", "deploy", "prometheus", "rules.yml"))
	require.NoError(t, err)

	var read rules

	require.NoError(t, yaml.Unmarshal(content, &read))
	require.NotEmpty(t, read.Groups)

	return read
}

// An alarm about a metric that nobody tells would never ring.
func TestAlertsAskForWhatIsTold(t *testing.T) {
	t.Parallel()

	var expressions []string

	for _, group := range readRules(t).Groups {
		for _, rule := range group.Rules {
			expressions = append(expressions, rule.Expr)
		}
	}

	checkExpressions(t, expressions)
}

// The alarms about what is done again and again ring when /status and the pages say that it is late.
func TestAlertsRingWhenStatusSaysLate(t *testing.T) {
	t.Parallel()

	expressions := map[string]string{}

	for _, group := range readRules(t).Groups {
		for _, rule := range group.Rules {
			expressions[rule.Alert] = rule.Expr
		}
	}

	for alert, after := range map[string]time.Duration{
		"RetentionLate": notification.RetentionLateAfter, "ReconciliationLate": notification.ReconciliationLateAfter,
	} {
		require.Regexp(t, fmt.Sprintf(`> %d \* 3600$`, int(after.Hours())), expressions[alert])
	}
}

func TestAlertsSayWhatToDo(t *testing.T) {
	t.Parallel()

	seen := map[string]bool{}

	for _, group := range readRules(t).Groups {
		for _, rule := range group.Rules {
			require.False(t, seen[rule.Alert], rule.Alert)
			seen[rule.Alert] = true

			require.Contains(t, []string{"critical", "warning"}, rule.Labels["severity"], rule.Alert)
			require.NotEmpty(t, rule.Annotations["summary"], rule.Alert)
			require.NotEmpty(t, rule.Annotations["summary_en"], rule.Alert)
			require.Regexp(t, `^docs/operations\.md#[a-z-]+$`, rule.Annotations["runbook_url"], rule.Alert)
		}
	}
}

func TestDashboardAsksForWhatIsTold(t *testing.T) {
	t.Parallel()

	content, err := os.ReadFile(filepath.Join("..", "deploy", "grafana", "dashboards", "genio.json"))
	require.NoError(t, err)

	var dashboard struct {
		Panels []struct {
			ID      int    `json:"id"`
			Type    string `json:"type"`
			Title   string `json:"title"`
			Targets []struct {
				Expr string `json:"expr"`
			} `json:"targets"`
		} `json:"panels"`
	}

	require.NoError(t, json.Unmarshal(content, &dashboard))

	var expressions []string

	seen := map[int]bool{}

	for _, panel := range dashboard.Panels {
		require.False(t, seen[panel.ID], panel.Title)
		seen[panel.ID] = true

		require.True(t, panel.Type == "row" || len(panel.Targets) > 0, panel.Title)

		for _, target := range panel.Targets {
			expressions = append(expressions, strings.TrimSpace(target.Expr))
		}
	}

	checkExpressions(t, expressions)
}
