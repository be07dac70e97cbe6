package gateway

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/google/uuid"
	"go.uber.org/zap"

	"github.com/genio-gateway/genio/db"
	"github.com/genio-gateway/genio/notification"
	"github.com/genio-gateway/genio/workflows"
)

const (
	shortestWhy = 10  // characters
	longestWhy  = 200 // characters
)

// InterventionWish is an act that somebody wants to be done to many notifications.
type InterventionWish struct {
	// Query says which; its FiscalCode must be empty.
	Query  Query
	Act    notification.InterventionAct
	Choice string
	Why    string
	// Expected is for how many the author was told that the act is possible.
	Expected int
}

// DryRun says what an intervention would do, as of now.
type DryRun struct {
	// Matched is how many notifications the filter means.
	Matched int
	// Possible is for how many of these the act is possible; Skipped are the others.
	Possible int
	Skipped  int
	// States are the parts of Possible, the largest first. SkippedStates are those of Skipped.
	States        []DryRunState
	SkippedStates []DryRunState
	// ContentRemoved is the part of Skipped of which nothing is left to be sent, since the content was removed.
	ContentRemoved int
	// Helpless counts the failed ones of which the catalogue says that a retry alone does not help.
	Helpless int
	// SMS is how many SMS may follow at most, and CostMicros what one part of each would cost; 0: not known.
	SMS        int
	CostMicros int64
	// Duration is how long it takes at the bounded pace.
	Duration time.Duration
	// TooMany tells that an intervention may not be about so many.
	TooMany bool
}

// DryRunState counts notifications of one status and reason.
type DryRunState struct {
	Status notification.Status
	Reason notification.Reason
	// Inactive tells that they are skipped because their service or Ente may not send.
	Inactive bool
	// ContentRemoved tells that they are skipped because their content was removed.
	ContentRemoved bool
	Total          int
}

// DryRunIntervention says what an intervention would do, and does nothing.
func (g *Gateway) DryRunIntervention(ctx context.Context, actor Actor, wish InterventionWish) (DryRun, error) {
	if !actor.May(PermissionIntervene) {
		return DryRun{}, ErrForbidden
	}

	if err := g.checkAct(wish).OrNil(); err != nil {
		return DryRun{}, err
	}

	filter, some := wish.Query.filter(actor)
	if !some {
		return DryRun{}, nil
	}

	counts, err := g.Store.CountStates(ctx, filter)
	if err = storeError("counting notifications", err); errors.Is(err, ErrNotFound) {
		return DryRun{}, nil
	}

	if err != nil {
		return DryRun{}, err
	}

	names, err := g.names(ctx, filter.EnteID)
	if err != nil {
		return DryRun{}, err
	}

	services, err := g.Store.Services(ctx, filter.EnteID)
	if err != nil {
		return DryRun{}, storeError("reading the services", err)
	}

	textsOf := make(map[string]bool, len(services))
	for _, service := range services {
		textsOf[service.ID] = service.Policy.FallsBackTo(notification.ChannelSMS)
	}

	var run DryRun

	for _, count := range counts {
		inactive := sendsAgain(wish) && (names.inactive[count.EnteID] || names.inactive[count.ServiceID])
		run.add(wish, run.setApart(wish, count), inactive, textsOf[count.ServiceID])
	}

	run.States, run.SkippedStates = merged(run.States), merged(run.SkippedStates)
	run.Duration = time.Duration(run.Possible) * time.Second / notification.InterventionPace
	run.TooMany = run.Possible > notification.MaxIntervention
	run.CostMicros = int64(run.SMS) * g.SMSPartPriceMicros

	return run, nil
}

// sendsAgain tells whether the act lets something be sent, which needs an active service.
func sendsAgain(wish InterventionWish) bool {
	switch wish.Act {
	case notification.InterventionRetry, notification.InterventionResume:
		return true
	case notification.InterventionDecide:
		return wish.Choice != string(DecisionClose)
	case notification.InterventionHold, notification.InterventionCancel:
	}

	return false
}

// setApart counts those of which nothing is left to be sent, and gives the others.
func (r *DryRun) setApart(wish InterventionWish, count db.StateCount) db.StateCount {
	if count.ContentRemoved == 0 || !wish.Act.NeedsContent() || !wish.Act.Possible(count.Status, count.Reason) {
		return count
	}

	r.Matched += count.ContentRemoved
	r.Skipped += count.ContentRemoved
	r.ContentRemoved += count.ContentRemoved
	r.SkippedStates = append(r.SkippedStates, DryRunState{
		Status: count.Status, Reason: count.Reason, ContentRemoved: true, Total: count.ContentRemoved,
	})
	count.Total -= count.ContentRemoved

	return count
}

func (r *DryRun) add(wish InterventionWish, count db.StateCount, inactive, texts bool) {
	if count.Total == 0 {
		return
	}

	r.Matched += count.Total
	state := DryRunState{Status: count.Status, Reason: count.Reason, Inactive: inactive, Total: count.Total}

	if inactive || !wish.Act.Possible(count.Status, count.Reason) {
		state.Inactive = inactive && wish.Act.Possible(count.Status, count.Reason)
		r.Skipped += count.Total
		r.SkippedStates = append(r.SkippedStates, state)

		return
	}

	r.Possible += count.Total
	r.States = append(r.States, state)

	if wish.Act == notification.InterventionRetry && !count.Reason.Describe().Retryable {
		r.Helpless += count.Total
	}

	if texts && sendsAgain(wish) && (wish.Act != notification.InterventionDecide || wish.Choice == string(DecisionSMS) ||
		count.Reason == notification.ReasonSMSOutcomeUncertain) {
		r.SMS += count.Phones
	}
}

// merged adds up the states of several services.
func merged(states []DryRunState) []DryRunState {
	var sums []DryRunState

	for _, state := range states {
		i := slices.IndexFunc(sums, func(sum DryRunState) bool {
			return sum.Status == state.Status && sum.Reason == state.Reason && sum.Inactive == state.Inactive &&
				sum.ContentRemoved == state.ContentRemoved
		})

		if i < 0 {
			sums = append(sums, state)
		} else {
			sums[i].Total += state.Total
		}
	}

	slices.SortStableFunc(sums, func(a, b DryRunState) int { return cmp.Compare(b.Total, a.Total) })

	return sums
}

// checkAct names what is wrong with the act, its choice and its filter.
func (g *Gateway) checkAct(wish InterventionWish) notification.FieldErrors {
	fields := g.checkReference(wish.Query.ExternalReference, Submission{})

	if wish.Query.FiscalCode != "" {
		fields = append(fields, notification.FieldError{
			Field: "fiscal_code", Code: "not_allowed",
			Message:   "an intervention on many cannot be about one person: act on the notifications one by one",
			Messaggio: "un intervento su più notifiche non può riguardare una sola persona: agire sulle singole notifiche",
		})
	}

	switch {
	case !wish.Act.Valid():
		fields = append(fields, notification.FieldError{
			Field: "act", Code: codeUnknown,
			Message: "choose what to do", Messaggio: "scegliere che cosa fare",
		})
	case !slices.Contains(InterventionChoices(wish.Act), wish.Choice):
		fields = append(fields, notification.FieldError{
			Field: "choice", Code: codeUnknown,
			Message: "choose one of the answers", Messaggio: "scegliere una delle risposte",
		})
	}

	return fields
}

// InterventionChoices are the answers among which an act's author has to choose one; the empty one alone where there is
// nothing to choose.
func InterventionChoices(act notification.InterventionAct) []string {
	switch act {
	case notification.InterventionCancel:
		return []string{
			string(notification.ReasonCancelledByOperator), string(notification.ReasonCancelledByEnte), string(notification.ReasonPaid),
		}
	case notification.InterventionDecide:
		return []string{string(DecisionResend), string(DecisionSMS), string(DecisionClose)}
	case notification.InterventionRetry, notification.InterventionResume, notification.InterventionHold:
	}

	return []string{""}
}

// checkWhy names what is wrong with the reason that a person gives. It is shown to others and kept.
func (g *Gateway) checkWhy(why string) notification.FieldErrors {
	field := notification.FieldError{Field: "why"}

	switch length := utf8.RuneCountInString(why); {
	case length < shortestWhy || length > longestWhy:
		field.Code = codeLength
		field.Message = fmt.Sprintf("say why in %d to %d characters", shortestWhy, longestWhy)
		field.Messaggio = fmt.Sprintf("indicare il motivo in %d–%d caratteri", shortestWhy, longestWhy)
	case !oneLine(why):
		field.Code = "characters"
		field.Message = "valid UTF-8 without control characters"
		field.Messaggio = "UTF-8 valido, senza caratteri di controllo"
	case g.namesCitizen(why, ""):
		field.Code = codePersonalData
		field.Message = "no codice fiscale: the reason is kept and shown"
		field.Messaggio = "niente codice fiscale: il motivo viene conservato e mostrato"
	default:
		return nil
	}

	return notification.FieldErrors{field}
}

// StartIntervention begins an intervention, and gives its id. What is accepted from now on is not touched by it.
func (g *Gateway) StartIntervention(ctx context.Context, actor Actor, wish InterventionWish) (id string, err error) {
	wish.Why = strings.Join(strings.Fields(wish.Why), " ")

	if !actor.May(PermissionIntervene) {
		return "", ErrForbidden
	}

	if err := slices.Concat(g.checkAct(wish), g.checkWhy(wish.Why)).OrNil(); err != nil {
		return "", err
	}

	run, err := g.DryRunIntervention(ctx, actor, wish)

	switch {
	case err != nil:
		return "", err
	case run.Possible == 0:
		return "", ErrState
	case run.TooMany:
		return "", invalid("act", "too_many",
			fmt.Sprintf("at most %d notifications: narrow the filter", notification.MaxIntervention),
			fmt.Sprintf("al massimo %d notifiche: restringere il filtro", notification.MaxIntervention))
	}

	intervention, err := newIntervention(actor, wish, run)
	if err != nil {
		return "", err
	}

	err = g.audited(ctx, actor, func(store *db.Store) (Act, error) {
		return Act{
			Name: "intervention.start", EnteID: intervention.EnteID, Object: "intervention", ObjectID: intervention.ID,
			Detail: map[string]string{
				"act": string(wish.Act), "choice": wish.Choice, detailWhy: wish.Why, detailNotifications: strconv.Itoa(run.Possible),
			},
		}, storeError("keeping the intervention", store.CreateIntervention(ctx, intervention))
	})
	if err != nil {
		return "", err
	}

	g.Starter.OfferIntervention(intervention.ID)

	return intervention.ID, nil
}

func newIntervention(actor Actor, wish InterventionWish, run DryRun) (notification.Intervention, error) {
	id, err := uuid.NewV7()
	if err != nil {
		return notification.Intervention{}, fmt.Errorf("making an id: %w", err)
	}

	filter, _ := wish.Query.filter(actor)

	expected := wish.Expected
	if expected <= 0 {
		expected = run.Possible
	}

	return notification.Intervention{
		ID: id.String(), EnteID: filter.EnteID, Act: wish.Act, Choice: wish.Choice, Why: wish.Why,
		Filter: notification.InterventionFilter{
			EnteID: filter.EnteID, ServiceIDs: filter.ServiceIDs, Statuses: filter.Statuses, Reasons: filter.Reasons,
			Channel: filter.Channel, BatchID: filter.BatchID, ExternalReference: filter.ExternalReference,
			From: filter.From, To: filter.To,
		},
		ByID: actor.ID, ByName: actor.Name, ByRole: string(actor.Role), ByEnteID: actor.EnteID,
		Matched: run.Matched, Expected: expected, CreatedAt: time.Now().UTC(),
	}, nil
}

// StopIntervention ends an intervention: what waits is left as it is, what was done stays done.
func (g *Gateway) StopIntervention(ctx context.Context, actor Actor, id string) error {
	intervention, err := g.visibleIntervention(ctx, actor, id)

	switch {
	case err != nil:
		return err
	case !actor.May(PermissionIntervene):
		return ErrForbidden
	}

	err = g.audited(ctx, actor, func(store *db.Store) (Act, error) {
		return Act{Name: "intervention.stop", EnteID: intervention.EnteID, Object: "intervention", ObjectID: id},
			storeError("stopping the intervention", store.StopIntervention(ctx, id, actor.ID, actor.Name))
	})
	if err != nil {
		return err
	}

	// A signal that is lost only delays: each act asks the row first.
	err = g.Temporal.SignalWorkflow(ctx, workflows.InterventionID(id), "", workflows.SignalStopIntervention, nil)
	if err != nil && !isNotFound(err) {
		g.Log.Warn("workflow of an intervention not told", zap.String("intervention_id", id), zap.Error(err))
	}

	return nil
}

// Intervene does an intervention's act to one of its notifications, with the rights that its author had. An error means that
// nothing was done and trying again may help.
func (g *Gateway) Intervene(
	ctx context.Context, intervention notification.Intervention, id string,
) (state notification.ItemState, code string, err error) {
	author := Actor{
		Kind: ActorUser, ID: intervention.ByID, Name: intervention.ByName, Role: Role(intervention.ByRole),
		EnteID: intervention.ByEnteID, intervention: intervention.ID,
	}

	err = g.interveneAs(ctx, author, intervention, id)

	switch {
	case err == nil:
		return notification.ItemDone, "", nil
	case errors.Is(err, errInactive):
		return notification.ItemSkipped, notification.ItemCodeInactive, nil
	case errors.Is(err, ErrContentRemoved):
		return notification.ItemSkipped, notification.ItemCodeContentRemoved, nil
	case errors.Is(err, ErrState):
		return notification.ItemSkipped, notification.ItemCodeState, nil
	case errors.Is(err, ErrNotFound):
		return notification.ItemSkipped, notification.ItemCodeGone, nil
	case errors.Is(err, ErrForbidden):
		return notification.ItemFailed, notification.ItemCodeForbidden, nil
	case errors.Is(err, ErrUnavailable), ctx.Err() != nil:
		return "", "", err
	}

	g.Log.Error("act of an intervention failed", zap.String("intervention_id", intervention.ID),
		zap.String("notification_id", id), zap.Error(err))

	return notification.ItemFailed, notification.ItemCodeInternal, nil
}

func (g *Gateway) interveneAs(ctx context.Context, author Actor, intervention notification.Intervention, id string) error {
	switch intervention.Act {
	case notification.InterventionRetry:
		return g.Retry(ctx, author, id)
	case notification.InterventionDecide:
		return g.Decide(ctx, author, id, Decision(intervention.Choice))
	case notification.InterventionResume:
		return g.Resume(ctx, author, id)
	case notification.InterventionHold:
		return g.Hold(ctx, author, id)
	case notification.InterventionCancel:
		return g.Cancel(ctx, author, id, notification.Reason(intervention.Choice))
	}

	return ErrState
}
