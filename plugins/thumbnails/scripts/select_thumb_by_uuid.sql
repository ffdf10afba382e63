SELECT thumbnail FROM thumbnails WHERE uuid_ref = %(uuid_ref)s AND thumbnail IS NOT NULL
