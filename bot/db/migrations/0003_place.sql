-- The channel of the public thread that a job was asked for in: what holds there holds in the thread.
-- NULL in a channel, in a private thread, which is a place of its own, and in rows of before.
ALTER TABLE job ADD COLUMN parent_channel_id INTEGER;
