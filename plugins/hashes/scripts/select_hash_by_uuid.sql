SELECT * FROM hashes WHERE uuid = %(uuid)s ORDER BY id
