SELECT count(*) AS total, datatype FROM datatypes
GROUP BY datatype
ORDER BY datatype
LIMIT %(limit)s OFFSET %(offset)s
