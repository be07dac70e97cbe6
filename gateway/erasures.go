package gateway

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"strconv"
	"time"

	"github.com/google/uuid"
	"go.uber.org/zap"

	"github.com/genio-gateway/genio/db"
	"github.com/genio-gateway/genio/notification"
)

// ErasureWish asks for what is held about a citizen to be erased.
type ErasureWish struct {
	CitizenWish

	// OpenOnes says what becomes of notifications that have not ended.
	OpenOnes notification.OpenChoice
}

// StartErasure begins the erasure of what is held about a citizen, and gives the request's id. An Ente erases what it sent
// itself; over all Enti only who works for all of them, on the controllers' instruction. What is sent after the request is not
// touched by it. It returns ErrState where nothing is held.
func (g *Gateway) StartErasure(ctx context.Context, actor Actor, wish ErasureWish) (id string, err error) {
	filter, err := g.checkCitizen(actor, &wish.CitizenWish, true)
	if err != nil {
		return "", err
	}

	if !wish.OpenOnes.Valid() {
		return "", invalid("open_ones", codeUnknown, "one of wait, cancel", "uno tra wait, cancel")
	}

	summary, err := g.summary(ctx, filter)
	if err != nil {
		return "", err
	}

	made, err := uuid.NewV7()
	if err != nil {
		return "", fmt.Errorf("making an id: %w", err)
	}

	erasure := notification.Erasure{
		ID: made.String(), EnteID: wish.EnteID, Why: wish.Why, OpenOnes: wish.OpenOnes, ByID: actor.ID, ByName: actor.Name,
		CreatedAt: time.Now().UTC(), Found: summary.Total,
	}

	err = g.audited(ctx, actor, func(store *db.Store) (Act, error) {
		return Act{
			Name: "citizen.erase", EnteID: erasure.EnteID, Object: "erasure", ObjectID: erasure.ID,
			Detail: map[string]string{
				detailWhy: wish.Why, "open_ones": string(wish.OpenOnes), detailNotifications: strconv.Itoa(summary.Total),
			},
		}, storeError("keeping the erasure", store.CreateErasure(ctx, erasure, wish.FiscalCode))
	})
	if err != nil {
		return "", err
	}

	// What cannot be started now is found by the sweep.
	if err := g.Starter.StartErasure(ctx, erasure.ID); err != nil {
		g.Log.Warn("workflow of an erasure not started yet", zap.String("erasure_id", erasure.ID), zap.Error(err))
	}

	return erasure.ID, nil
}

// ErasureView is a request for an erasure as its readers see it.
type ErasureView struct {
	notification.Erasure

	EnteName string // empty: all Enti
}

// Erasure reads one request.
func (g *Gateway) Erasure(ctx context.Context, actor Actor, id string) (ErasureView, error) {
	if !actor.May(PermissionPrivacy) {
		return ErasureView{}, ErrForbidden
	}

	found, err := g.Store.Erasure(ctx, id)
	if err != nil {
		return ErasureView{}, storeError("reading the erasure", err)
	}

	if found.EnteID != "" && !actor.SeesEnte(found.EnteID) || found.EnteID == "" && !actor.seesEveryEnte() {
		return ErasureView{}, ErrNotFound
	}

	names, err := g.names(ctx, found.EnteID)

	return ErasureView{Erasure: found, EnteName: names.enti[found.EnteID]}, err
}

// ErasurePage is one page of a list, newest first.
type ErasurePage struct {
	Items []ErasureView
	Next  string
}

// Erasures reads one page of the requests that the actor may see.
func (g *Gateway) Erasures(ctx context.Context, actor Actor, cursor string) (ErasurePage, error) {
	if !actor.May(PermissionPrivacy) {
		return ErasurePage{}, ErrForbidden
	}

	place, limit, err := Query{Cursor: cursor}.position()
	if err != nil {
		return ErasurePage{}, err
	}

	found, more, err := g.Store.Erasures(ctx, actor.EnteID, place, limit)
	if err != nil {
		return ErasurePage{}, storeError("listing erasures", err)
	}

	names, err := g.names(ctx, actor.EnteID)
	if err != nil {
		return ErasurePage{}, err
	}

	page := ErasurePage{Items: make([]ErasureView, len(found))}
	for i, one := range found {
		page.Items[i] = ErasureView{Erasure: one, EnteName: names.enti[one.EnteID]}
	}

	if more {
		last := found[len(found)-1]
		page.Next = encodeCursor(notification.Notification{ID: last.ID, AcceptedAt: last.CreatedAt})
	}

	return page, nil
}

// erasureProof is what is handed out about an erasure: that it was done, not about whom. Whoever filed the request knows.
type erasureProof struct {
	Format      string                     `json:"format"`
	ID          string                     `json:"id"`
	Ente        string                     `json:"ente"`
	Why         string                     `json:"why"`
	OpenOnes    notification.OpenChoice    `json:"open_ones"`
	RequestedAt time.Time                  `json:"requested_at"`
	RequestedBy string                     `json:"requested_by"`
	Status      notification.ErasureStatus `json:"status"`
	CompletedAt time.Time                  `json:"completed_at,omitzero"`
	Found       int                        `json:"notifications_found"`
	Erased      erasedProof                `json:"erased"`
	Drafts      []string                   `json:"drafts_left"`
}

type erasedProof struct {
	Notifications int `json:"notifications"`
	BatchRows     int `json:"batch_rows"`
	Checks        int `json:"recipient_checks"`
}

// WriteErasureProof writes what can be shown to have been erased, as JSON.
func (g *Gateway) WriteErasureProof(ctx context.Context, actor Actor, id string, w io.Writer) error {
	view, err := g.Erasure(ctx, actor, id)
	if err != nil {
		return err
	}

	proof := erasureProof{
		Format: "genio-erasure/1", ID: view.ID, Ente: view.EnteName, Why: view.Why, OpenOnes: view.OpenOnes,
		RequestedAt: view.CreatedAt, RequestedBy: view.ByName, Status: view.Status, CompletedAt: view.EndedAt, Found: view.Found,
		Erased: erasedProof(view.Erased), Drafts: append([]string{}, view.Drafts...),
	}

	encoder := json.NewEncoder(w)
	encoder.SetIndent("", "  ")

	if err := encoder.Encode(proof); err != nil {
		return fmt.Errorf("writing the proof of an erasure: %w", err)
	}

	return nil
}
