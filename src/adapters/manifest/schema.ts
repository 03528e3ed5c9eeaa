/**
 * The manifest's schema, one step a version: step N turns version N into N + 1. Steps are never edited once released.
 *
 * Readable with the plain `sqlite3` program. Times are milliseconds since 1970 UTC. Triggers write the history and the totals,
 * so that no change of state can be without its event, in the same transaction.
 */
export const schemaSteps: readonly string[] = [
  `
  CREATE TABLE boots (
    number INTEGER PRIMARY KEY,
    began_at INTEGER NOT NULL
  ) STRICT;

  CREATE TABLE files (
    id INTEGER PRIMARY KEY,
    path TEXT NOT NULL UNIQUE,
    bytes INTEGER NOT NULL,
    sha256 TEXT NOT NULL,
    rows INTEGER NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('pending', 'sending', 'delivered', 'conflict', 'refused')),
    attempts INTEGER NOT NULL DEFAULT 0,
    ambiguous INTEGER NOT NULL DEFAULT 0 CHECK (ambiguous IN (0, 1)),
    sealed_at INTEGER NOT NULL,
    due_at INTEGER NOT NULL DEFAULT 0,  -- 0: at once
    changed_at INTEGER NOT NULL,
    why TEXT                            -- why it is in this state, where that is not plain
  ) STRICT;
  CREATE INDEX files_pending ON files (due_at) WHERE state = 'pending';
  CREATE INDEX files_pending_by_age ON files (id) WHERE state = 'pending';
  CREATE INDEX files_sending ON files (id) WHERE state = 'sending';

  CREATE TABLE events (
    id INTEGER PRIMARY KEY,
    file_id INTEGER NOT NULL REFERENCES files (id),
    at INTEGER NOT NULL,
    boot INTEGER,
    from_state TEXT,
    to_state TEXT NOT NULL,
    why TEXT
  ) STRICT;
  CREATE INDEX events_of_file ON events (file_id);

  CREATE TABLE totals (
    state TEXT PRIMARY KEY,
    files INTEGER NOT NULL DEFAULT 0,
    rows INTEGER NOT NULL DEFAULT 0
  ) STRICT;
  INSERT INTO totals (state) VALUES ('pending'), ('sending'), ('delivered'), ('conflict'), ('refused');

  CREATE TRIGGER file_added AFTER INSERT ON files BEGIN
    INSERT INTO events (file_id, at, boot, from_state, to_state, why)
      VALUES (new.id, new.changed_at, (SELECT max(number) FROM boots), NULL, new.state, new.why);
    UPDATE totals SET files = files + 1, rows = rows + new.rows WHERE state = new.state;
  END;

  CREATE TRIGGER file_changed AFTER UPDATE OF state ON files BEGIN
    INSERT INTO events (file_id, at, boot, from_state, to_state, why)
      VALUES (new.id, new.changed_at, (SELECT max(number) FROM boots), old.state, new.state, new.why);
    UPDATE totals SET files = files - 1, rows = rows - old.rows WHERE state = old.state;
    UPDATE totals SET files = files + 1, rows = rows + new.rows WHERE state = new.state;
  END;
  `,
  // More states, so the table is made anew: SQLite cannot change a CHECK.
  `
  CREATE TABLE files_2 (
    id INTEGER PRIMARY KEY,
    path TEXT NOT NULL UNIQUE,
    bytes INTEGER NOT NULL,
    sha256 TEXT NOT NULL,
    rows INTEGER NOT NULL,
    priority INTEGER NOT NULL,          -- higher ones are delivered first
    state TEXT NOT NULL CHECK (state IN
      ('held', 'packed', 'pending', 'sending', 'delivered', 'removed', 'conflict', 'refused', 'deadLetter')),
    attempts INTEGER NOT NULL DEFAULT 0,
    faults INTEGER NOT NULL DEFAULT 0,  -- attempts that failed by the file's own fault
    ambiguous INTEGER NOT NULL DEFAULT 0 CHECK (ambiguous IN (0, 1)),
    sealed_at INTEGER NOT NULL,
    due_at INTEGER NOT NULL DEFAULT 0,  -- 0: at once
    changed_at INTEGER NOT NULL,
    why TEXT,                           -- why it is in this state, where that is not plain
    packed_into INTEGER REFERENCES files (id)
  ) STRICT;
  INSERT INTO files_2 (id, path, bytes, sha256, rows, priority, state, attempts, ambiguous, sealed_at, due_at, changed_at, why)
    SELECT id, path, bytes, sha256, rows, 5, state, attempts, ambiguous, sealed_at, due_at, changed_at, why FROM files;
  DROP TABLE files;
  ALTER TABLE files_2 RENAME TO files;
  CREATE INDEX files_pending ON files (due_at) WHERE state = 'pending';
  CREATE INDEX files_pending_by_turn ON files (priority DESC, id) WHERE state = 'pending';
  CREATE INDEX files_sending ON files (id) WHERE state = 'sending';
  CREATE INDEX files_held ON files (id) WHERE state = 'held';
  CREATE INDEX files_delivered ON files (changed_at) WHERE state = 'delivered';

  -- What a sealed picture shows; its state is that of its file.
  CREATE TABLE images (
    file_id INTEGER PRIMARY KEY REFERENCES files (id),
    camera TEXT NOT NULL,
    epoch INTEGER NOT NULL,
    frame INTEGER NOT NULL,
    captured_at INTEGER NOT NULL,
    width_px INTEGER NOT NULL,
    height_px INTEGER NOT NULL
  ) STRICT;

  INSERT INTO totals (state) VALUES ('held'), ('packed'), ('removed'), ('deadLetter');

  CREATE TRIGGER file_added AFTER INSERT ON files BEGIN
    INSERT INTO events (file_id, at, boot, from_state, to_state, why)
      VALUES (new.id, new.changed_at, (SELECT max(number) FROM boots), NULL, new.state, new.why);
    UPDATE totals SET files = files + 1, rows = rows + new.rows WHERE state = new.state;
  END;

  CREATE TRIGGER file_changed AFTER UPDATE OF state ON files WHEN old.state <> new.state BEGIN
    INSERT INTO events (file_id, at, boot, from_state, to_state, why)
      VALUES (new.id, new.changed_at, (SELECT max(number) FROM boots), old.state, new.state, new.why);
    UPDATE totals SET files = files - 1, rows = rows - old.rows WHERE state = old.state;
    UPDATE totals SET files = files + 1, rows = rows + new.rows WHERE state = new.state;
  END;
  `,
  // What is in an archive is looked for when its local copies are deleted.
  `
  CREATE INDEX files_packed_into ON files (packed_into) WHERE packed_into IS NOT NULL;
  `,
  // Whoever looks for files that are not delivered finds them among a million that are.
  `
  CREATE INDEX files_open ON files (id) WHERE state IN ('held', 'pending', 'sending', 'conflict', 'refused', 'deadLetter');
  `,
  // One state more, so the table is made anew again.
  `
  CREATE TABLE files_5 (
    id INTEGER PRIMARY KEY,
    path TEXT NOT NULL UNIQUE,
    bytes INTEGER NOT NULL,
    sha256 TEXT NOT NULL,
    rows INTEGER NOT NULL,
    priority INTEGER NOT NULL,          -- higher ones are delivered first
    state TEXT NOT NULL CHECK (state IN
      ('held', 'packed', 'pending', 'sending', 'delivered', 'removed', 'conflict', 'refused', 'deadLetter', 'lost')),
    attempts INTEGER NOT NULL DEFAULT 0,
    faults INTEGER NOT NULL DEFAULT 0,  -- attempts that failed by the file's own fault
    ambiguous INTEGER NOT NULL DEFAULT 0 CHECK (ambiguous IN (0, 1)),
    sealed_at INTEGER NOT NULL,
    due_at INTEGER NOT NULL DEFAULT 0,  -- 0: at once
    changed_at INTEGER NOT NULL,
    why TEXT,                           -- why it is in this state, where that is not plain
    packed_into INTEGER REFERENCES files (id)
  ) STRICT;
  INSERT INTO files_5 SELECT id, path, bytes, sha256, rows, priority, state, attempts, faults, ambiguous, sealed_at, due_at,
    changed_at, why, packed_into FROM files;
  DROP TABLE files;
  ALTER TABLE files_5 RENAME TO files;
  CREATE INDEX files_pending ON files (due_at) WHERE state = 'pending';
  CREATE INDEX files_pending_by_turn ON files (priority DESC, id) WHERE state = 'pending';
  CREATE INDEX files_sending ON files (id) WHERE state = 'sending';
  CREATE INDEX files_held ON files (id) WHERE state = 'held';
  CREATE INDEX files_delivered ON files (changed_at) WHERE state = 'delivered';
  CREATE INDEX files_packed_into ON files (packed_into) WHERE packed_into IS NOT NULL;
  CREATE INDEX files_open ON files (id) WHERE state IN ('held', 'pending', 'sending', 'conflict', 'refused', 'deadLetter');

  INSERT INTO totals (state) VALUES ('lost');

  CREATE TRIGGER file_added AFTER INSERT ON files BEGIN
    INSERT INTO events (file_id, at, boot, from_state, to_state, why)
      VALUES (new.id, new.changed_at, (SELECT max(number) FROM boots), NULL, new.state, new.why);
    UPDATE totals SET files = files + 1, rows = rows + new.rows WHERE state = new.state;
  END;

  CREATE TRIGGER file_changed AFTER UPDATE OF state ON files WHEN old.state <> new.state BEGIN
    INSERT INTO events (file_id, at, boot, from_state, to_state, why)
      VALUES (new.id, new.changed_at, (SELECT max(number) FROM boots), old.state, new.state, new.why);
    UPDATE totals SET files = files - 1, rows = rows - old.rows WHERE state = old.state;
    UPDATE totals SET files = files + 1, rows = rows + new.rows WHERE state = new.state;
  END;
  `,
  // Whether a file is still there can only be asked where it was delivered to.
  `
  CREATE TABLE targets (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE           -- user@host:port, and the folder
  ) STRICT;
  ALTER TABLE files ADD COLUMN target INTEGER NOT NULL DEFAULT 0;  -- 0: delivered before that was recorded, or not at all
  DROP INDEX files_delivered;
  CREATE INDEX files_delivered ON files (changed_at, id, target) WHERE state = 'delivered';
  `,
  // Turns go by when a file became due: by age alone, old ones that are refused again and again would keep all others waiting.
  `
  DROP INDEX files_pending_by_turn;
  CREATE INDEX files_pending_by_turn ON files (priority DESC, ifnull(nullif(due_at, 0), sealed_at), id) WHERE state = 'pending';
  CREATE INDEX files_underway ON files (sealed_at) WHERE state IN ('held', 'pending', 'sending');

  -- Those of one camera, whose id a path begins with, are found among a million of others.
  CREATE INDEX files_of_camera ON files (substr(path, 1, instr(path, '/') - 1), id);

  -- Whether the server was asked to sync the final name; 0: it was not, or that was not recorded.
  ALTER TABLE files ADD COLUMN name_synced INTEGER NOT NULL DEFAULT 0;

  -- Of the tries of a file that is refused for days the last 20 stay, each with its claim just before it; all other changes do.
  CREATE TRIGGER file_tried_again AFTER INSERT ON events WHEN new.from_state = 'sending' AND new.to_state = 'pending' BEGIN
    DELETE FROM events WHERE id IN (SELECT id FROM events WHERE file_id = new.file_id AND id <=
      (SELECT id FROM events WHERE file_id = new.file_id AND from_state = 'sending' AND to_state = 'pending'
        ORDER BY id DESC LIMIT 1 OFFSET 20)
      ORDER BY id DESC LIMIT 2);
  END;
  `,
]
