package workflows

import (
	"context"
	"time"

	"go.temporal.io/sdk/workflow"

	"github.com/genio-gateway/genio/notification"
)

const (
	// ServiceImportWorkflow is the name of the workflow that reads which services an Ente has on IO.
	ServiceImportWorkflow = "ServiceImport"
	// SignalServicesImported tells that a person has chosen. No payload.
	SignalServicesImported = "services-imported"
)

// Names of the activities: the methods of ServiceImportActivities.
const (
	ActivityListServices        = "ListServices"
	ActivityFetchServiceKeys    = "FetchServiceKeys"
	ActivityFetchPublication    = "FetchPublication"
	ActivityFinishServiceImport = "FinishServiceImport"
	ActivityForgetServiceImport = "ForgetServiceImport"
)

const (
	// StagedFor is how long what was found waits for a person's choice.
	StagedFor = 24 * time.Hour
	// ServiceImportPriority is that of an import, for which a person waits, but no citizen.
	ServiceImportPriority = notification.PriorityNormal

	// mostPagesOfServices bounds the history: 2,000 services are more than any Ente has.
	mostPagesOfServices = 40
)

// ServiceImportID is the workflow ID of a reading.
func ServiceImportID(id string) string { return "service-import/" + id }

// ServiceImportInput starts a reading. The manage key waits in the database under ImportID.
type ServiceImportInput struct {
	ImportID string `json:"import_id"`
	EnteID   string `json:"ente_id"`
}

// ServiceListing asks for one answer of IO's list.
type ServiceListing struct {
	ImportID string `json:"import_id"`
	Offset   int    `json:"offset"`
}

// ServiceList is one answer of IO's list: ids only, names are in the database.
type ServiceList struct {
	ServiceIDs []string `json:"service_ids,omitempty"`
	// Next is the offset of the answer to follow; 0: there is none.
	Next int `json:"next,omitempty"`
	// Reason is set where IO's list cannot be had.
	Reason notification.Reason `json:"reason,omitempty"`
}

// ListedService names a service on IO.
type ListedService struct {
	ImportID  string `json:"import_id"`
	ServiceID string `json:"service_id"` // IO's
}

// ServiceFetched tells how the question about one service ended; its answer is in the database.
type ServiceFetched struct {
	Reason notification.Reason `json:"reason,omitempty"`
}

// ServiceImportEnd is how a reading ends; well where Reason is empty.
type ServiceImportEnd struct {
	ImportID string              `json:"import_id"`
	Reason   notification.Reason `json:"reason,omitempty"`
}

// ServiceImportActivities is what the workflow asks of the outside world.
type ServiceImportActivities interface {
	// ListServices asks IO for some of the Ente's services, and keeps their names.
	ListServices(ctx context.Context, listing ServiceListing) (ServiceList, error)
	// FetchServiceKeys asks IO for the keys of a service, and keeps them.
	FetchServiceKeys(ctx context.Context, service ListedService) (ServiceFetched, error)
	// FetchPublication asks IO whether citizens see a service, and keeps the answer.
	FetchPublication(ctx context.Context, service ListedService) (ServiceFetched, error)
	// FinishServiceImport stores how the reading ended, and forgets the manage key.
	FinishServiceImport(ctx context.Context, end ServiceImportEnd) error
	// ForgetServiceImport removes what was found where nobody has chosen from it.
	ForgetServiceImport(ctx context.Context, end ServiceImportEnd) error
}

// ServiceImport reads which services an Ente has on IO, with their keys, for a person to choose from. What it finds waits
// in the database, encrypted, until it is imported, or for StagedFor.
func ServiceImport(ctx workflow.Context, in ServiceImportInput) error {
	reason, fault := readServices(ctx, in.ImportID)
	if fault != nil {
		reason = notification.ReasonInternalError
	}

	end := ServiceImportEnd{ImportID: in.ImportID, Reason: reason}
	if err := workflow.ExecuteLocalActivity(recording(ctx), ActivityFinishServiceImport, end).Get(ctx, nil); err != nil {
		return err //nolint:wrapcheck // Temporal's own error tells the step.
	}

	if reason != "" {
		return fault
	}

	awaitChoice(ctx)

	return workflow.ExecuteLocalActivity(recording(ctx), ActivityForgetServiceImport, end).Get(ctx, nil) //nolint:wrapcheck // as above.
}

// awaitChoice returns when a person has chosen, or when nobody has for too long.
func awaitChoice(ctx workflow.Context) {
	waiting, done := workflow.WithCancel(ctx)
	defer done()

	workflow.NewSelector(ctx).
		AddReceive(workflow.GetSignalChannel(ctx, SignalServicesImported), func(channel workflow.ReceiveChannel, _ bool) {
			channel.Receive(ctx, nil)
		}).
		AddFuture(workflow.NewTimer(waiting, StagedFor), func(workflow.Future) {}).
		Select(ctx)
}

// readServices goes through IO's list, answer by answer. It gives a reason where nothing more can be had with the key.
func readServices(ctx workflow.Context, importID string) (notification.Reason, error) {
	listing := ServiceListing{ImportID: importID}
	asking := waiting(ctx, TaskQueueIO, "which services are on IO?")

	for range mostPagesOfServices {
		var list ServiceList
		if err := workflow.ExecuteActivity(asking, ActivityListServices, listing).Get(ctx, &list); err != nil {
			return "", err //nolint:wrapcheck // Temporal's own error tells the step.
		}

		if list.Reason != "" {
			return list.Reason, nil
		}

		if reason, err := readKeys(ctx, importID, list.ServiceIDs); reason != "" || err != nil {
			return reason, err
		}

		if list.Next == 0 {
			break
		}

		listing.Offset = list.Next
	}

	return "", nil
}

// readKeys asks about the services of one answer, all at once: Temporal gives the calls out at the Ente's rate.
func readKeys(ctx workflow.Context, importID string, serviceIDs []string) (notification.Reason, error) {
	keys := waiting(ctx, TaskQueueIO, "the keys of a service")
	publication := waiting(ctx, TaskQueueIO, "is a service published?")
	asked := make([]workflow.Future, 0, 2*len(serviceIDs))

	for _, id := range serviceIDs {
		service := ListedService{ImportID: importID, ServiceID: id}
		asked = append(asked, workflow.ExecuteActivity(keys, ActivityFetchServiceKeys, service),
			workflow.ExecuteActivity(publication, ActivityFetchPublication, service))
	}

	var reason notification.Reason

	for _, answer := range asked {
		var fetched ServiceFetched
		if err := answer.Get(ctx, &fetched); err != nil {
			return "", err //nolint:wrapcheck // Temporal's own error tells the step.
		}

		// A service that does not give its keys is one line of the list; a key that is not in force any more ends it.
		if fetched.Reason == notification.ReasonIOKeyRejected {
			reason = fetched.Reason
		}
	}

	return reason, nil
}
