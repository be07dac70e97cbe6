package gateway

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/google/uuid"

	"github.com/genio-gateway/genio/db"
	"github.com/genio-gateway/genio/notification"
)

const (
	longestKeyName = 100 // characters
	keyObject      = "api_key"
	keyNameField   = "name"
	keyBoundField  = "requests_per_second"
	// mostRequests is above what the installation lets an Ente make by default, which holds as well.
	mostRequests = 1000
	codeRequired = "required"
)

// KeyWish is what a new API key is to be.
type KeyWish struct {
	EnteID     string
	Name       string   // 1 to 100 characters
	ServiceIDs []string // none: every service of the Ente
	IPRanges   string   // see [ParseIPRanges]; empty: from anywhere
	ExpiresAt  time.Time
	// RequestsPerSecond is 1 to 1,000; 0: as many as the installation lets every key make.
	RequestsPerSecond int
}

// KeyChange is what an existing key is to be. What the change does not name stays: the services, and the secret.
type KeyChange struct {
	ID string
	// Seen is the version that was changed; ErrState where there is another one since.
	Seen      int
	Name      string
	IPRanges  string
	ExpiresAt time.Time // zero: never
	// RequestsPerSecond: see [KeyWish].
	RequestsPerSecond int
}

// Overlaps are how long a key may go on working beside its successor.
func Overlaps() []time.Duration {
	const day = 24 * time.Hour

	return []time.Duration{time.Hour, day, 7 * day, 30 * day}
}

// configures is nil where the actor may change the settings of the Ente.
func (a Actor) configures(enteID string) error {
	switch {
	case !a.SeesEnte(enteID):
		return ErrNotFound
	case !a.mayConfigure(enteID):
		return ErrForbidden
	}

	return nil
}

// APIKeys lists an Ente's keys, the newest first.
func (g *Gateway) APIKeys(ctx context.Context, actor Actor, enteID string) ([]APIKey, error) {
	if err := actor.configures(enteID); err != nil {
		return nil, err
	}

	stored, err := g.Store.APIKeys(ctx, enteID)
	if err != nil {
		return nil, storeError("listing the API keys", err)
	}

	keys := make([]APIKey, len(stored))
	for i, key := range stored {
		keys[i] = keyView(key)
	}

	return keys, nil
}

// APIKey gives one key.
func (g *Gateway) APIKey(ctx context.Context, actor Actor, id string) (APIKey, error) {
	key, err := g.ownKey(ctx, actor, id)
	if err != nil {
		return APIKey{}, err
	}

	return keyView(key), nil
}

// CreateAPIKey makes a key that may be used from anywhere. The secret is given once and never stored.
func (g *Gateway) CreateAPIKey(
	ctx context.Context, actor Actor, enteID, name string, serviceIDs []string, expires time.Time,
) (APIKey, string, error) {
	return g.issue(ctx, actor, KeyWish{EnteID: enteID, Name: name, ServiceIDs: serviceIDs, ExpiresAt: expires}, nil)
}

// IssueAPIKey makes a key for an Ente's application. The secret is given once and never stored.
func (g *Gateway) IssueAPIKey(ctx context.Context, actor Actor, wish KeyWish) (APIKey, string, error) {
	return g.issue(ctx, actor, wish, checkKeyEnd(wish.ExpiresAt))
}

// issue makes the key, unless something is wrong with the wish, beside what is known already.
func (g *Gateway) issue(ctx context.Context, actor Actor, wish KeyWish, invalid notification.FieldErrors) (APIKey, string, error) {
	if !actor.mayConfigure(wish.EnteID) {
		return APIKey{}, "", ErrForbidden
	}

	fields, err := g.checkKeyWish(ctx, wish)
	if err == nil {
		err = append(fields, invalid...).OrNil()
	}

	if err != nil {
		return APIKey{}, "", err
	}

	ranges, err := ParseIPRanges(wish.IPRanges)
	if err != nil {
		return APIKey{}, "", err
	}

	key, secret, err := newKey(db.APIKey{
		EnteID: wish.EnteID, Name: strings.TrimSpace(wish.Name), ServiceIDs: wish.ServiceIDs, IPRanges: ranges, ExpiresAt: wish.ExpiresAt,
		RequestsPerSecond: wish.RequestsPerSecond,
	})
	if err != nil {
		return APIKey{}, "", err
	}

	if err := g.audited(ctx, actor, func(store *db.Store) (Act, error) {
		err := storeError("storing the API key", store.CreateAPIKey(ctx, key, keyHash(secret)))

		return Act{Name: "api_key.create", EnteID: key.EnteID, Object: keyObject, ObjectID: key.ID, Detail: keyDetail(key)}, err
	}); err != nil {
		return APIKey{}, "", err
	}

	return keyView(key), secret, nil
}

// newKey completes a key with an id and a secret.
func newKey(key db.APIKey) (db.APIKey, string, error) {
	secret, err := newSecret()
	if err != nil {
		return db.APIKey{}, "", err
	}

	id, err := uuid.NewV7()
	if err != nil {
		return db.APIKey{}, "", fmt.Errorf("making an id: %w", err)
	}

	key.ID, key.Prefix, key.CreatedAt, key.Version = id.String(), secret[:prefixShown], time.Now().UTC(), 1

	return key, secret, nil
}

// keyDetail is what the audit log keeps of a key's settings.
func keyDetail(key db.APIKey) map[string]string {
	detail := map[string]string{
		"prefix": key.Prefix, "services": strings.Join(key.ServiceIDs, " "), "ip_ranges": strings.Join(key.IPRanges, " "),
	}
	if !key.ExpiresAt.IsZero() {
		detail["expires_at"] = key.ExpiresAt.UTC().Format(time.RFC3339)
	}

	if key.RequestsPerSecond > 0 {
		detail[keyBoundField] = strconv.Itoa(key.RequestsPerSecond)
	}

	return detail
}

// checkKeyWish says what is wrong with a wish; its error is another one.
func (g *Gateway) checkKeyWish(ctx context.Context, wish KeyWish) (notification.FieldErrors, error) {
	fields := append(checkKeyName(wish.Name), checkKeyBound(wish.RequestsPerSecond)...)

	if _, err := ParseIPRanges(wish.IPRanges); err != nil {
		invalid, _ := errors.AsType[notification.FieldErrors](err)
		fields = append(fields, invalid...)
	}

	for _, id := range wish.ServiceIDs {
		service, err := g.Store.Service(ctx, id)
		if err = storeError("reading the service", err); err != nil && !errors.Is(err, ErrNotFound) {
			return nil, err
		}

		if err != nil || service.EnteID != wish.EnteID {
			fields = append(fields, notification.FieldError{
				Field: "service_ids", Code: codeUnknown, Message: "no such service", Messaggio: "il servizio non esiste",
			})
		}
	}

	return fields, nil
}

func checkKeyName(name string) notification.FieldErrors {
	switch length := utf8.RuneCountInString(strings.TrimSpace(name)); {
	case length == 0:
		return notification.FieldErrors{{
			Field: keyNameField, Code: codeRequired, Message: "a key needs a name", Messaggio: "serve un nome per la chiave",
		}}
	case length > longestKeyName:
		most := strconv.Itoa(longestKeyName)

		return notification.FieldErrors{{
			Field: keyNameField, Code: "too_long", Message: "at most " + most + " characters", Messaggio: "al massimo " + most + " caratteri",
		}}
	}

	return nil
}

func checkKeyBound(perSecond int) notification.FieldErrors {
	if perSecond >= 0 && perSecond <= mostRequests {
		return nil
	}

	most := strconv.Itoa(mostRequests)

	return notification.FieldErrors{{
		Field: keyBoundField, Code: "range", Message: "a whole number from 1 to " + most, Messaggio: "un numero intero da 1 a " + most,
	}}
}

// LastDay is the end of the day in Italy, for a key that may be used until then; the zero time stays as it is.
func LastDay(day time.Time) (time.Time, error) {
	if day.IsZero() {
		return day, nil
	}

	zone, err := time.LoadLocation(italianZone)
	if err != nil {
		return day, fmt.Errorf("loading the Italian time zone: %w", err)
	}

	return time.Date(day.Year(), day.Month(), day.Day()+1, 0, 0, 0, 0, zone).UTC(), nil
}

func checkKeyEnd(expires time.Time) notification.FieldErrors {
	if expires.IsZero() || time.Now().Before(expires) {
		return nil
	}

	return notification.FieldErrors{{
		Field: "expires_at", Code: "past", Message: "the end must be in the future", Messaggio: "la scadenza deve essere nel futuro",
	}}
}

// ChangeAPIKey changes a key's name, end, networks and bound. ErrState where somebody else has changed or revoked it since.
func (g *Gateway) ChangeAPIKey(ctx context.Context, actor Actor, change KeyChange) (APIKey, error) {
	key, err := g.ownKey(ctx, actor, change.ID)
	if err != nil {
		return APIKey{}, err
	}

	fields := append(checkKeyName(change.Name), checkKeyBound(change.RequestsPerSecond)...)

	ranges, err := ParseIPRanges(change.IPRanges)
	if err != nil {
		invalid, _ := errors.AsType[notification.FieldErrors](err)
		fields = append(fields, invalid...)
	}

	// An end that is left as it is may have come meanwhile.
	if !change.ExpiresAt.Equal(key.ExpiresAt) {
		fields = append(fields, checkKeyEnd(change.ExpiresAt)...)
	}

	if key.SuccessorID != "" && change.ExpiresAt.IsZero() {
		fields = append(fields, notification.FieldError{
			Field: "expires_at", Code: codeRequired, Message: "a key that is being replaced has an end",
			Messaggio: "una chiave che viene sostituita deve avere una scadenza",
		})
	}

	if err := fields.OrNil(); err != nil {
		return APIKey{}, err
	}

	detail := changedOf(key, change, ranges)
	key.Name, key.IPRanges, key.ExpiresAt, key.Version = strings.TrimSpace(change.Name), ranges, change.ExpiresAt, change.Seen
	key.RequestsPerSecond = change.RequestsPerSecond

	err = g.audited(ctx, actor, func(store *db.Store) (Act, error) {
		err := storeError("changing the API key", store.UpdateAPIKey(ctx, key))

		return Act{Name: "api_key.update", EnteID: key.EnteID, Object: keyObject, ObjectID: key.ID, Detail: detail}, err
	})
	key.Version++

	return keyView(key), err
}

// changedOf names what a change changes, and to what.
func changedOf(key db.APIKey, change KeyChange, ranges []string) map[string]string {
	detail := map[string]string{}

	if name := strings.TrimSpace(change.Name); name != key.Name {
		detail[keyNameField] = name
	}

	if !slices.Equal(ranges, key.IPRanges) {
		detail["ip_ranges"] = strings.Join(ranges, " ")
	}

	if !change.ExpiresAt.Equal(key.ExpiresAt) {
		detail["expires_at"] = "never"
		if !change.ExpiresAt.IsZero() {
			detail["expires_at"] = change.ExpiresAt.UTC().Format(time.RFC3339)
		}
	}

	if change.RequestsPerSecond != key.RequestsPerSecond {
		detail[keyBoundField] = strconv.Itoa(change.RequestsPerSecond)
	}

	return detail
}

// RotateAPIKey makes a successor with the same settings; both work until the overlap, one of [Overlaps], has passed. A key
// with an end gives its successor as long a life. ErrState where the key has ended, or has a successor already.
func (g *Gateway) RotateAPIKey(ctx context.Context, actor Actor, id string, overlap time.Duration) (APIKey, string, error) {
	key, err := g.ownKey(ctx, actor, id)
	if err != nil {
		return APIKey{}, "", err
	}

	now := time.Now().UTC()

	switch {
	case !slices.Contains(Overlaps(), overlap):
		return APIKey{}, "", invalid("overlap", codeUnknown, "one of 1 h, 24 h, 7 days, 30 days", "uno tra 1 ora, 24 ore, 7 giorni, 30 giorni")
	case !keyView(key).Works(now), key.SuccessorID != "":
		return APIKey{}, "", ErrState
	}

	successor := db.APIKey{
		EnteID: key.EnteID, Name: key.Name, ServiceIDs: key.ServiceIDs, IPRanges: key.IPRanges,
		RequestsPerSecond: key.RequestsPerSecond,
	}
	if !key.ExpiresAt.IsZero() {
		successor.ExpiresAt = now.Add(key.ExpiresAt.Sub(key.CreatedAt))
	}

	successor, secret, err := newKey(successor)
	if err != nil {
		return APIKey{}, "", err
	}

	key.SuccessorID = successor.ID
	if ends := now.Add(overlap); key.ExpiresAt.IsZero() || ends.Before(key.ExpiresAt) {
		key.ExpiresAt = ends
	}

	if err := g.audited(ctx, actor, func(store *db.Store) (Act, error) {
		if err := store.CreateAPIKey(ctx, successor, keyHash(secret)); err != nil {
			return Act{}, storeError("storing the API key", err)
		}

		err := storeError("replacing the API key", store.ReplaceAPIKey(ctx, key))

		return Act{
			Name: "api_key.rotate", EnteID: key.EnteID, Object: keyObject, ObjectID: key.ID, Detail: map[string]string{
				"successor": successor.ID, "ends_at": key.ExpiresAt.Format(time.RFC3339),
			},
		}, err
	}); err != nil {
		return APIKey{}, "", err
	}

	return keyView(successor), secret, nil
}

// ownKey reads a key that the actor may change.
func (g *Gateway) ownKey(ctx context.Context, actor Actor, id string) (db.APIKey, error) {
	key, err := g.Store.APIKey(ctx, id)
	if err != nil {
		return db.APIKey{}, storeError("reading the API key", err)
	}

	return key, actor.configures(key.EnteID)
}
