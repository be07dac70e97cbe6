package db

import (
	"context"
	"fmt"
	"time"

	"gorm.io/gorm"

	"github.com/genio-gateway/genio/notification"
)

// templateRow is what a template's versions have in common.
type templateRow struct {
	ID         string
	EnteID     string
	Version    int // the latest
	ArchivedAt *time.Time
}

// TableName is GORM's hook.
func (templateRow) TableName() string { return "templates" }

type templateVersionRow struct {
	TemplateID string        `gorm:"primaryKey"`
	Version    int           `gorm:"primaryKey"`
	Name       string        // may change from version to version
	Texts      templateTexts `gorm:"serializer:json"`
	CreatedAt  time.Time
}

// TableName is GORM's hook.
func (templateVersionRow) TableName() string { return "template_versions" }

// templateTexts is the stored form of what a version says.
type templateTexts struct {
	Italian notification.TemplateText  `json:"it"`
	English *notification.TemplateText `json:"en,omitempty"`
}

// templateView is one version with what all have in common.
type templateView struct {
	Version    templateVersionRow `gorm:"embedded"`
	EnteID     string
	ArchivedAt *time.Time
}

func (v templateView) template() notification.Template {
	return notification.Template{
		ID: v.Version.TemplateID, EnteID: v.EnteID, Name: v.Version.Name, Version: v.Version.Version,
		Italian: v.Version.Texts.Italian, English: v.Version.Texts.English,
		CreatedAt: v.Version.CreatedAt.UTC(), ArchivedAt: timeOrZero(v.ArchivedAt),
	}
}

// CreateTemplate keeps the first version of a template. It returns [ErrNotFound] where the Ente does not exist.
func (s *Store) CreateTemplate(ctx context.Context, template notification.Template) error {
	const doing = "creating a template"

	if err := checkIDs(template.ID, template.EnteID); err != nil {
		return fmt.Errorf("%s: %w", doing, err)
	}

	return s.transaction(ctx, doing, func(tx *gorm.DB) error {
		row := templateRow{ID: template.ID, EnteID: template.EnteID, Version: 1}
		if err := gorm.G[templateRow](tx).Create(ctx, &row); err != nil {
			return reduce("adding the template", err)
		}

		return s.addVersion(ctx, tx, template, 1)
	})
}

// ReviseTemplate adds a version after the one that the author saw. [ErrConflict] where there is another one since, or
// the template was archived.
func (s *Store) ReviseTemplate(ctx context.Context, template notification.Template, seen int) error {
	return s.transaction(ctx, "revising a template", func(tx *gorm.DB) error {
		// The condition is also the lock: of two authors who saw the same version, the second changes nothing.
		changed, err := gorm.G[templateRow](tx).
			Where("id = ? AND version = ? AND archived_at IS NULL", template.ID, seen).
			Update(ctx, "version", seen+1)
		if err != nil {
			return reduce("counting the version", err)
		}

		if changed == 0 {
			return whyUnchanged(ctx, tx, template.ID)
		}

		return s.addVersion(ctx, tx, template, seen+1)
	})
}

// whyUnchanged tells a template that was changed meanwhile from one that is not there.
func whyUnchanged(ctx context.Context, tx *gorm.DB, id string) error {
	if _, err := gorm.G[templateRow](tx).Where("id = ?", id).Take(ctx); err != nil {
		return reduce("reading the template", err)
	}

	return fmt.Errorf("another version, or archived: %w", ErrConflict)
}

func (s *Store) addVersion(ctx context.Context, tx *gorm.DB, template notification.Template, version int) error {
	row := templateVersionRow{
		TemplateID: template.ID, Version: version, Name: template.Name,
		Texts:     templateTexts{Italian: template.Italian, English: template.English},
		CreatedAt: stampOr(template.CreatedAt, s.now()),
	}

	return reduce("adding the version", gorm.G[templateVersionRow](tx).Create(ctx, &row))
}

// Template reads a version; 0 is the latest.
func (s *Store) Template(ctx context.Context, id string, version int) (notification.Template, error) {
	query := s.templateViews(ctx).Where("t.id = ?", id)
	if version == 0 {
		query = query.Where("v.version = t.version")
	} else {
		query = query.Where("v.version = ?", version)
	}

	var view templateView
	if err := query.Take(&view).Error; err != nil {
		return notification.Template{}, reduce("reading a template", err)
	}

	return view.template(), nil
}

// Templates lists the latest versions by name; an empty Ente: of all.
func (s *Store) Templates(ctx context.Context, enteID string, archived bool) ([]notification.Template, error) {
	query := s.templateViews(ctx).Where("v.version = t.version").Order("v.name, t.id")
	if enteID != "" {
		query = query.Where("t.ente_id = ?", enteID)
	}

	if !archived {
		query = query.Where("t.archived_at IS NULL")
	}

	var views []templateView
	if err := query.Find(&views).Error; err != nil {
		return nil, reduce("listing templates", err)
	}

	templates := make([]notification.Template, len(views))
	for i, view := range views {
		templates[i] = view.template()
	}

	return templates, nil
}

func (s *Store) templateViews(ctx context.Context) *gorm.DB {
	return s.gorm.WithContext(ctx).Table("template_versions v").
		Select("v.template_id, v.version, v.name, v.texts, v.created_at, t.ente_id, t.archived_at").
		Joins("JOIN templates t ON t.id = v.template_id")
}

// ArchiveTemplate takes a template out of use; what was made of it stays. On one that is out of use it does nothing.
func (s *Store) ArchiveTemplate(ctx context.Context, id string) error {
	return s.transaction(ctx, "archiving a template", func(tx *gorm.DB) error {
		changed, err := gorm.G[templateRow](tx).Where("id = ? AND archived_at IS NULL", id).Update(ctx, "archived_at", s.now())
		if err != nil || changed == 1 {
			return reduce("marking the template", err)
		}

		_, err = gorm.G[templateRow](tx).Where("id = ?", id).Take(ctx)

		return reduce("reading the template", err)
	})
}
