package appio

import (
	"context"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/genio-gateway/genio/notification"
)

// MostServices is how many services IO lists in one answer at most (Manage API, getServices).
const MostServices = 100

const (
	mostServiceName = 1_000 // characters; IO has no limit of its own
	mostKeyLength   = 256
	// mostPaymentCents is IO's own highest ceiling.
	mostPaymentCents = 9_999_999_999
)

// Service is one of an Ente's services as IO's Manage API describes it (ServiceLifecycle).
type Service struct {
	ID   string
	Name string
	// Lifecycle is draft, submitted, approved, rejected or deleted; empty for a word that the specification does not have.
	Lifecycle string
	// MaxPaymentCents is the payment ceiling in euro cents; 0 allows no payment.
	MaxPaymentCents int64
}

// The publication of a service.
const (
	Published   = "published"   // citizens see it in the app
	Unpublished = "unpublished" // they do not, or not any more
)

type servicePagination struct {
	Value *[]struct {
		ID     string `json:"id"`
		Name   string `json:"name"`
		Status struct {
			Value string `json:"value"`
		} `json:"status"`
		MaxAllowedPaymentAmount int64 `json:"max_allowed_payment_amount"`
	} `json:"value"` // its absence must show
}

type subscriptionKeys struct {
	PrimaryKey   string `json:"primary_key"`
	SecondaryKey string `json:"secondary_key"`
}

type servicePublication struct {
	Status string `json:"status"`
}

var wellFormedServiceID = regexp.MustCompile(`^[0-9A-Za-z_-]{1,64}$`)

// Services lists some of the services that the Ente of a manage key has on IO (GET /manage/services), from the offset on.
// limit is 1 to MostServices. IO counts subscriptions and leaves out those that are no service, so that an answer may hold
// fewer than limit before the end; only one that holds none is the last. Errors are *notification.DeliveryError, always with
// HandOverNotSent: io_key_rejected for a key that is not in force, io_forbidden for one that is no manage key.
func (c *Client) Services(ctx context.Context, manageKey string, limit, offset int) ([]Service, error) {
	query := url.Values{"limit": {strconv.Itoa(limit)}, "offset": {strconv.Itoa(offset)}}

	reply, err := c.exchange(ctx, call{
		operation: listServices, method: http.MethodGet, path: "/manage/services?" + query.Encode(), key: manageKey,
	})
	if err != nil {
		return nil, err
	}

	if reply.status != http.StatusOK {
		return nil, reply.refusal()
	}

	return reply.services(limit)
}

func (a answer) services(limit int) ([]Service, error) {
	var listed servicePagination

	err := a.decode(&listed)
	if err == nil && (listed.Value == nil || len(*listed.Value) > limit) {
		err = ErrAnswerMalformed
	}

	if err != nil {
		return nil, a.unusable(err)
	}

	services := make([]Service, 0, len(*listed.Value))

	for _, item := range *listed.Value {
		name := strings.TrimSpace(item.Name)
		if !wellFormedServiceID.MatchString(item.ID) || name == "" || utf8.RuneCountInString(name) > mostServiceName ||
			item.MaxAllowedPaymentAmount < 0 || item.MaxAllowedPaymentAmount > mostPaymentCents {
			return nil, a.unusable(ErrAnswerMalformed)
		}

		services = append(services, Service{
			ID: item.ID, Name: name, Lifecycle: lifecycleOf(item.Status.Value), MaxPaymentCents: item.MaxAllowedPaymentAmount,
		})
	}

	return services, nil
}

func lifecycleOf(word string) string {
	if slices.Contains([]string{"draft", "submitted", "approved", "rejected", "deleted"}, word) {
		return word
	}

	return ""
}

// ServiceKeys reads the keys of one of the Ente's services (GET /manage/services/{id}/keys) with its manage key. Errors as
// those of Services; IO's "not found" is io_not_found and final.
func (c *Client) ServiceKeys(ctx context.Context, manageKey, serviceID string) (notification.ServiceKeys, error) {
	reply, err := c.askAboutService(ctx, getServiceKeys, manageKey, serviceID, "/keys")
	if err != nil {
		return notification.ServiceKeys{}, err
	}

	if reply.status != http.StatusOK {
		return notification.ServiceKeys{}, reply.refusal()
	}

	var keys subscriptionKeys

	err = reply.decode(&keys)
	if err == nil && (!plausibleKey(keys.PrimaryKey) || keys.SecondaryKey != "" && !plausibleKey(keys.SecondaryKey)) {
		err = ErrAnswerMalformed
	}

	if err != nil {
		return notification.ServiceKeys{}, reply.unusable(err)
	}

	return notification.ServiceKeys{Primary: keys.PrimaryKey, Secondary: keys.SecondaryKey}, nil
}

func plausibleKey(key string) bool { return keyWellFormed(key) && len(key) <= mostKeyLength }

// ServicePublication tells whether citizens see a service in the app (GET /manage/services/{id}/release): Published or
// Unpublished. One that was never published IO does not find, which is an answer and no error. Errors as those of Services.
func (c *Client) ServicePublication(ctx context.Context, manageKey, serviceID string) (string, error) {
	reply, err := c.askAboutService(ctx, getServicePublication, manageKey, serviceID, "/release")
	if err != nil {
		return "", err
	}

	switch reply.status {
	case http.StatusOK:
		return reply.publication()
	case http.StatusNotFound:
		if _, ok := reply.problem(); ok {
			return Unpublished, nil
		}
	}

	return "", reply.refusal()
}

func (a answer) publication() (string, error) {
	var publication servicePublication

	err := a.decode(&publication)
	if err == nil && publication.Status != Published && publication.Status != Unpublished {
		err = ErrAnswerMalformed
	}

	if err != nil {
		return "", a.unusable(err)
	}

	return publication.Status, nil
}

func (c *Client) askAboutService(ctx context.Context, asked operation, manageKey, serviceID, what string) (answer, error) {
	// It becomes a part of the path, where anything else could address something else.
	if !wellFormedServiceID.MatchString(serviceID) {
		return answer{}, refusedBeforeCall(notification.ReasonIONotFound, ErrServiceIDMalformed)
	}

	return c.exchange(ctx, call{
		operation: asked, method: http.MethodGet, path: "/manage/services/" + serviceID + what, key: manageKey,
	})
}
