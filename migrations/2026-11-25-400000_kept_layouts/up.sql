-- What is made in many steps is made in one layout, whatever becomes of its file meanwhile. NULL: asked for before.
ALTER TABLE exports ADD COLUMN layout_written jsonb;
