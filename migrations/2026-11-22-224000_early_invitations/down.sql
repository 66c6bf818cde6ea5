DROP INDEX notices_early;
