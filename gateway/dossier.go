package gateway

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"strconv"
	"time"

	"github.com/genio-gateway/genio/db"
	"github.com/genio-gateway/genio/notification"
)

const (
	// DossierFormat names the shape of an export; docs/privacy.md documents it.
	DossierFormat = "genio-citizen/1"
	// MaxDossier is how many notifications the readable form of an export shows, the newest ones; the other one has them all.
	MaxDossier = 200
)

// Dossier is what is held about a citizen (GDPR, art. 15 and 20).
type Dossier struct {
	Format      string    `json:"format"`
	GeneratedAt time.Time `json:"generated_at"`
	FiscalCode  string    `json:"fiscal_code"`
	// Ente is whose notifications alone there are; empty: those of all Enti.
	Ente          string                `json:"ente"`
	Total         int                   `json:"total"`
	Notifications []DossierNotification `json:"notifications"`
}

// DossierNotification is all that is held of one notification.
type DossierNotification struct {
	ID         string                `json:"id"`
	Ente       string                `json:"ente"`
	Service    string                `json:"service"`
	Reference  string                `json:"external_reference,omitempty"`
	BatchID    string                `json:"batch_id,omitempty"`
	FiscalCode string                `json:"fiscal_code"`
	Phone      string                `json:"phone,omitempty"`
	Language   notification.Lang     `json:"language,omitempty"`
	Content    *notification.Content `json:"content"` // null: removed after its time
	RemovedAt  time.Time             `json:"content_removed_at,omitzero"`
	Status     notification.Status   `json:"status"`
	Reason     notification.Reason   `json:"reason,omitempty"`
	Channel    notification.Channel  `json:"channel,omitempty"`
	AcceptedAt time.Time             `json:"accepted_at"`
	SendAt     time.Time             `json:"send_at,omitzero"`
	ExpiresAt  time.Time             `json:"expires_at,omitzero"`
	SettledAt  time.Time             `json:"settled_at,omitzero"`
	Attempts   []DossierAttempt      `json:"attempts"`
	// Accesses are the acts of people on the notification, the newest first: when, what, on whose behalf and why. Who it was
	// is not handed out: colleagues at work are no recipients of data (Court of Justice of the EU, C-579/21).
	Accesses []DossierAccess `json:"accesses"`
}

// DossierAttempt is one try to reach the citizen.
type DossierAttempt struct {
	Channel        notification.Channel       `json:"channel"`
	Status         notification.AttemptStatus `json:"status"`
	Reason         notification.Reason        `json:"reason,omitempty"`
	ProviderID     string                     `json:"provider_id,omitempty"`
	ProviderStatus string                     `json:"provider_status,omitempty"`
	Calls          int                        `json:"calls"`
	Segments       int                        `json:"sms_parts,omitempty"`
	StartedAt      time.Time                  `json:"started_at"`
	SentAt         time.Time                  `json:"sent_at,omitzero"`
	SettledAt      time.Time                  `json:"settled_at,omitzero"`
	Events         []DossierEvent             `json:"provider_events"`
}

// DossierEvent is a provider's own word about an attempt.
type DossierEvent struct {
	Status string    `json:"status"`
	At     time.Time `json:"at"`
}

// DossierAccess is an act of a person on a notification.
type DossierAccess struct {
	At     time.Time `json:"at"`
	Act    string    `json:"act"` // such as "notification.reveal"
	Reason string    `json:"reason,omitempty"`
}

// ExportCitizen writes all that is held about a citizen as JSON, notification by notification, and nothing of it to a disk. Who
// exported why is noted before the first byte, without the citizen. A text that fails half-way is no JSON.
func (g *Gateway) ExportCitizen(ctx context.Context, actor Actor, wish CitizenWish, w io.Writer) error {
	pages, dossier, err := g.dossier(ctx, actor, &wish, "json")
	if err != nil {
		return err
	}

	// The head without its notifications, and these one by one in their place.
	head, err := json.Marshal(dossier)
	if err != nil {
		return fmt.Errorf("encoding an export: %w", err)
	}

	const tail = "]}"

	if _, err := w.Write(head[:len(head)-len(tail)]); err != nil {
		return fmt.Errorf("writing an export: %w", err)
	}

	separator := "\n"

	err = pages.each(ctx, func(entry DossierNotification) error {
		encoded, err := json.Marshal(entry)
		if err != nil {
			return fmt.Errorf("encoding a notification: %w", err)
		}

		_, err = w.Write(append([]byte(separator), encoded...))
		separator = ",\n"

		return err //nolint:wrapcheck // the caller says what was being done.
	})
	if err != nil {
		return fmt.Errorf("writing an export: %w", err)
	}

	if _, err := io.WriteString(w, "\n"+tail+"\n"); err != nil {
		return fmt.Errorf("writing an export: %w", err)
	}

	return nil
}

// CitizenDossier reads what is held about a citizen to be shown and printed, at most [MaxDossier] notifications.
func (g *Gateway) CitizenDossier(ctx context.Context, actor Actor, wish CitizenWish) (Dossier, error) {
	pages, dossier, err := g.dossier(ctx, actor, &wish, "page")
	if err != nil {
		return Dossier{}, err
	}

	pages.pages.left = min(pages.pages.left, MaxDossier)
	err = pages.each(ctx, func(entry DossierNotification) error {
		dossier.Notifications = append(dossier.Notifications, entry)

		return nil
	})

	return dossier, err
}

// dossier checks a wish and notes it, and gives what is to be read.
func (g *Gateway) dossier(ctx context.Context, actor Actor, wish *CitizenWish, form string) (dossierPages, Dossier, error) {
	filter, err := g.checkCitizen(actor, wish, true)
	if err != nil {
		return dossierPages{}, Dossier{}, err
	}

	summary, err := g.summary(ctx, filter)
	if err != nil {
		return dossierPages{}, Dossier{}, err
	}

	names, err := g.names(ctx, filter.EnteID)
	if err != nil {
		return dossierPages{}, Dossier{}, err
	}

	err = g.audit(ctx, actor, Act{
		Name: "citizen.export", EnteID: filter.EnteID, Object: "citizen",
		Detail: map[string]string{detailWhy: wish.Why, "format": form, detailNotifications: strconv.Itoa(summary.Total)},
	})
	if err != nil {
		return dossierPages{}, Dossier{}, err
	}

	pages := dossierPages{
		gateway: g, names: names, pages: exportPages{store: g.Store, filter: filter, left: summary.Total},
	}
	dossier := Dossier{
		Format: DossierFormat, GeneratedAt: time.Now().UTC(), FiscalCode: wish.FiscalCode, Ente: summary.EnteName,
		Total: summary.Total, Notifications: []DossierNotification{},
	}

	return pages, dossier, nil
}

// dossierPages reads a citizen's notifications one after the other.
type dossierPages struct {
	gateway *Gateway
	names   names
	pages   exportPages
}

func (p *dossierPages) each(ctx context.Context, take func(DossierNotification) error) error {
	for {
		heads, err := p.pages.next(ctx)
		if err != nil {
			return storeError("listing notifications", err)
		}

		if len(heads) == 0 {
			return nil
		}

		for i := range heads {
			entry, err := p.entry(ctx, heads[i].ID)
			if err != nil {
				return err
			}

			if err := take(entry); err != nil {
				return err
			}
		}
	}
}

func (p *dossierPages) entry(ctx context.Context, id string) (DossierNotification, error) {
	n, err := p.gateway.Store.Notification(ctx, id)
	if err != nil {
		return DossierNotification{}, storeError("reading a notification", err)
	}

	words, err := p.gateway.providerWords(ctx, n.Attempts)
	if err != nil {
		return DossierNotification{}, err
	}

	acts, err := p.accesses(ctx, id)
	if err != nil {
		return DossierNotification{}, err
	}

	entry := DossierNotification{
		ID: n.ID, Ente: p.names.enti[n.EnteID], Service: p.names.services[n.ServiceID], Reference: n.ExternalReference,
		BatchID: n.BatchID, FiscalCode: n.Recipient.FiscalCode, Phone: n.Recipient.Phone, Language: n.Language,
		RemovedAt: n.ContentRemovedAt, Status: n.Status, Reason: n.Reason, Channel: n.Channel, AcceptedAt: n.AcceptedAt,
		SendAt: n.SendAt, ExpiresAt: n.ExpiresAt, SettledAt: n.SettledAt, Attempts: []DossierAttempt{}, Accesses: acts,
	}

	if n.ContentRemovedAt.IsZero() {
		entry.Content = &n.Content
	}

	for _, attempt := range n.Attempts {
		entry.Attempts = append(entry.Attempts, dossierAttempt(attempt, words[attempt.ID]))
	}

	return entry, nil
}

func dossierAttempt(attempt notification.Attempt, words []ProviderWord) DossierAttempt {
	entry := DossierAttempt{
		Channel: attempt.Channel, Status: attempt.Status, Reason: attempt.Reason, ProviderID: attempt.ProviderID,
		ProviderStatus: attempt.ProviderStatus, Calls: attempt.Calls, Segments: attempt.Segments, StartedAt: attempt.StartedAt,
		SentAt: attempt.SentAt, SettledAt: attempt.SettledAt, Events: []DossierEvent{},
	}

	for _, word := range words {
		entry.Events = append(entry.Events, DossierEvent{Status: word.Word, At: word.At})
	}

	return entry
}

// accesses are the acts of people on a notification.
func (p *dossierPages) accesses(ctx context.Context, id string) ([]DossierAccess, error) {
	accesses := []DossierAccess{}

	for after := (db.Cursor{}); ; {
		noted, more, err := p.gateway.Store.AuditLog(ctx, db.AuditFilter{ObjectID: id}, after, actsTold)
		if err != nil {
			return nil, storeError("reading the audit log", err)
		}

		for _, act := range noted {
			accesses = append(accesses, DossierAccess{At: act.At, Act: act.Action, Reason: act.Detail["reason"]})
			after = db.Cursor{AcceptedAt: act.At, ID: act.ID}
		}

		if !more {
			return accesses, nil
		}
	}
}
