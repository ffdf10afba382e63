SELECT * FROM datatypes
WHERE datatype = %(datatype)s AND created_at >= %(from)s AND created_at < %(until)s
ORDER BY uuid_ref
LIMIT %(limit)s OFFSET %(offset)s
